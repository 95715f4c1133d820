### Messages of rejected forms, and error pages. The number is that of the error code, or the HTTP status.

code-101 = You are not signed in
code-111 = This page has expired. Reload it and try again
code-400 = Invalid request
code-403 = You don’t have access
code-404 = This member doesn’t exist
code-22001 = You can’t do this to yourself
code-22003 = One of you has blocked the other, so you can’t follow. Unblock them first, or wait until they unblock you
code-22007 = Only the first five pages of other members’ lists are shown
code-22009 = You can’t follow any more members
code-22013 = This account has been deleted
code-22101 = This group name can’t be used
code-22102 = You can’t have any more groups
code-22103 = The group name is too long: 16 characters at most
code-22104 = This group doesn’t exist
code-22105 = You don’t follow this member
code-22106 = You already have a group of this name
code-22115 = This member doesn’t show you this list
code-40015 = The bio contains a blocked word
code-40021 = The bio can’t contain emoji
code-40022 = The bio is too long: 70 characters at most
code-40061 = This member doesn’t exist
code-30000 = Sign-up is closed
code-30001 = This name can’t be used: 1 to 16 characters, no control characters, no space at the start
code-30002 = This name is taken
code-30003 = This phone number is in use
code-30004 = This email address is in use
code-30005 = This username is taken
code-30006 = This UID is taken
code-30010 = The password is too short, or longer than 128 characters
code-30011 = Wrong account or password
code-30012 = Too many attempts
code-30013 = This sign-in doesn’t exist any more
code-30020 = The QR code has expired
code-30021 = Scan the QR code first
code-30110 = A second step is needed
code-30111 = The code is wrong, or was used before
code-30112 = The sign-in took too long or had too many tries. Sign in again
code-30113 = Confirm that it’s you first
code-30114 = This is set up already
code-30115 = This doesn’t exist any more
code-30116 = You can’t have any more passkeys
code-30117 = The passkey could not be verified. Try again
code-30118 = Set up a second step first
code-30030 = This name is not valid
code-30031 = This ID number is not valid
code-30032 = Your real name is already verified
code-30040 = There is nothing to review
code-30041 = A newer version was submitted
code-30050 = Not enough coins
code-30051 = The event’s time is out of range
code-30052 = The event id belongs to another event
code-30053 = There is nothing to verify
code-30054 = The balance would be too high
code-30060 = This token doesn’t exist
code-30061 = The keys are being rotated
code-30064 = This member has as many notes as allowed. Delete one first
code-30065 = This note doesn’t exist any more
code-30062 = This token name is taken
code-30070 = This can’t be undone any more
code-30080 = The name was changed a short time ago
code-30081 = This file is not a picture that can be used. Choose a PNG, JPEG or WebP file
code-30082 = The picture has too many pixels. Make it smaller first
code-30090 = You can’t have any more remarks
code-30120 = The copy of your data is being prepared
code-30121 = There is no copy of your data to download
code-30122 = The file can’t be read
code-30100 = This community sends no codes yet. Ask its operators
code-30101 = The code is wrong or has expired
code-30102 = The answer is wrong

http-400 = Invalid request
http-401 = Invalid token
http-403 = The token doesn’t permit this
http-404 = Page not found
http-405 = This method is not allowed
http-408 = The request timed out
http-413 = The request is too large
http-414 = The address is too long
http-431 = The request header is too large
http-500 = Something went wrong. Check later whether your change took effect
http-503 = The service is unavailable for the moment and nothing was changed. Try again later

try-again-in = { $error }. Try again in { $wait }
wait-seconds = { $count ->
    [one] 1 second
   *[other] { $count } seconds
}
wait-minutes = { $count ->
    [one] 1 minute
   *[other] { $count } minutes
}
wait-hours = { $count ->
    [one] 1 hour
   *[other] { $count } hours
}
wait-days = { $count ->
    [one] 1 day
   *[other] { $count } days
}
bad-request-because = Invalid request: { $reason }

# Invalid fields.
select-members-first = Select members first
select-groups-first = Select groups first. The default group can’t be combined with others
invalid-tel = This phone number is not valid: 5 to 15 digits, with + and the country code if you like
invalid-field = { $field } is missing or not valid
field-account = Account
field-code = Code
field-uname = Name
field-new-password = New password
field-mail = Email
field-question = Security question
field-answer = Answer
field-realname = Name
field-card = ID number
field-card-type = ID type
field-group-name = Group name
field-sign = Bio
field-member = Member
