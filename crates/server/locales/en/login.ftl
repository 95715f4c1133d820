### Login by password and by QR code.

account-name = Name, username, phone or email
no-account-yet = No account yet? <a href="/signup">Sign up</a>
log-in-by-password = Sign in with a password
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
