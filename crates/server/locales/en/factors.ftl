### Second factors, passkeys and proofs.

second-factor = Two-step verification
second-factor-why = A second step protects the account even if somebody knows the password.
second-factor-explained = Besides the password, a sign-in then needs a code or a passkey. <a href="/security">Account security</a>
second-factor-required = This community requires a second step from you. Set up an authenticator app or a passkey to go on.
factor-on = On
set-up = Set up
manage = Manage
factor-remove = Remove
factor-code = Code
factor-code-hint = The 6 digits of the authenticator app, or a recovery code
recovery-code-hint = A recovery code, or use a passkey
second-step = Second step
other-account = Sign in with another account

# Proof.
prove = Confirm it’s you
prove-why = This page changes how the account is protected, so please confirm that it’s you.
prove-button = Confirm
prove-first = To change password, phone, email or security question, <a href="/prove?back=%2Fsecurity">confirm that it’s you</a> first.
prove-before-factors = To change anything here, <a href="/prove?back=%2Fsecurity%2Ffactors">confirm that it’s you</a> first.

# One-time codes.
totp = Authenticator app
totp-explained = An app on the phone shows a new code of 6 digits every 30 seconds, also without a network.
totp-in-use = Signing in needs a code of the authenticator app.
totp-remove = Remove the authenticator app
totp-scan = Scan this QR code with an authenticator app, then enter the code that it shows.
totp-qr = QR code for the authenticator app
totp-secret = Or enter this key by hand:
totp-open = Open in an app on this device
totp-code = Code of the app
totp-code-hint = 6 digits
totp-confirm = Turn on

# Recovery codes.
recovery-codes = Recovery codes
recovery-codes-once = Save these codes now. They are shown this once. Each one replaces a lost phone or passkey once.
recovery-codes-saved = I saved them
recovery-codes-left = { $count ->
    [one] One left
   *[other] { $count } left
}
recovery-codes-explained = Each code signs in once without phone or passkey. New codes replace all old ones.
recovery-codes-renew = New codes

# Passkeys.
passkey = Passkey
passkeys = Passkeys
passkeys-explained = A passkey signs in by fingerprint, face or PIN of a device, without name and password.
passkeys-unavailable = Passkeys need a domain name, not an address. On the machine of the service, open localhost in its place.
passkey-count = { $count ->
    [one] One passkey
   *[other] { $count } passkeys
}
passkey-name = Name of the passkey
passkey-add = Add a passkey
passkey-times = Added { $created }, not used yet
passkey-times-used = Added { $created }, last used { $used }
passkey-needs-script = Passkeys need JavaScript.
passkey-cancelled = The passkey was not used
use-passkey = Use a passkey
passkey-login-succeeded = Passkey sign-in
passkey-login-failed = Passkey sign-in failed

# Results.
flash-proved = Confirmed
flash-totp-set = The authenticator app is set up
flash-totp-removed = The authenticator app is removed
flash-recovery-renewed = The recovery codes are renewed
flash-passkey-added = The passkey is added
flash-passkey-renamed = The passkey is renamed
flash-passkey-removed = The passkey is removed
flash-factors-removed = Second factors removed

# Operators.
remove-factors = Remove second factors
confirm-factors = Remove the second factors of this member?
confirm-factors-effect = The authenticator, the passkeys and the recovery codes stop working. The password then suffices to sign in. Make sure that it is the member who asks.
