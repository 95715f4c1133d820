### Messages to phones and mail addresses. An operator may replace them. A message to a phone is its text alone.

message-verification-subject = Your verification code
message-verification = { $code } is your verification code. It is valid for { $minutes } minutes. If you didn’t ask for it, ignore this message.
message-recovery-subject = Set a new password
message-recovery = { $code } is your code to set a new password. It is valid for { $minutes } minutes. Never give it to anybody. If you didn’t ask for it, ignore this message.
message-login-subject = New sign-in
message-login = Your account was signed in to on a new device or in a new place on { $time }: { $device }, { $place }. If it wasn’t you, change your password.
message-password-subject = Your password was changed
message-password = The password of your account was changed on { $time }. If it wasn’t you, set a new password now.
message-tel-subject = Your phone number was changed
message-tel = The phone number of your account was changed on { $time }. If it wasn’t you, change your password.
message-mail-subject = Your email was changed
message-mail = The email address of your account was changed on { $time }. If it wasn’t you, change your password.
message-factors-subject = Your two-step sign-in was changed
message-factors = The two-step sign-in of your account was changed on { $time }. If it wasn’t you, change your password.
