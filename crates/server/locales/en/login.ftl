### Login by password and by QR code.

account-name = Name, username, phone or email
no-account-yet = No account yet? <a href="/signup">Sign up</a>
log-in-by-password = Sign in with a password
password-forgotten = Forgot your password? <a href="/recover">Set a new one</a>
recover-account = Set a new password
recover-unavailable = This community sends no codes. Ask its operators for a new password.
recover-contact = Phone or email
recover-contact-hint = A verified one of your account. It gets a code
recover-code-sent = If an account has verified this phone or email, a code is on its way.
send-code = Send code
send-another-code = Send another code
continue = Continue
set-password = Set password
back-to-login = <a href="/login">Back to sign-in</a>
qr-login = Sign in with a QR code
qr-code = QR code to sign in
qr-explained = Scan it with a phone that is signed in. No password needed.
qr-show = Show QR code
qr-scan = Scan it with a device that is signed in
qr-open-address = Can’t scan? Open <a href="{ $url }">this address</a> on a device that is signed in
qr-scanned = <b>Scanned.</b> Now confirm on that device
qr-expired = The QR code has expired, or the other device cancelled
qr-renew = New code
confirm-login = Confirm sign-in
confirm-explained = A device wants to sign in as you:
confirm-warning = Not you? Choose “Cancel” and that device will not be signed in.
