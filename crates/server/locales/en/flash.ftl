### Messages of successful forms. Where a form can be undone, the name of the member or group follows.

flash-undone = Undone
flash-sign-submitted = Bio submitted
flash-followed = Following
flash-unfollowed = Unfollowed
flash-whispered = Privately following
flash-unwhispered = Unfollowed
flash-blocked = Blocked
flash-unblocked = Unblocked
flash-follower-removed = Removed follower
flash-group-created = Group created
flash-group-renamed = Group renamed
flash-group-deleted = You still follow everybody in it. Deleted group
flash-groups-assigned = Groups updated
flash-signed-up = Welcome
flash-logged-out = Signed out
flash-password-changed = Password changed. All other devices are signed out
flash-tel-changed = Phone number updated
flash-mail-changed = Email updated
flash-code-sent = The code is on its way
flash-verified = Verified
flash-recovered = Password set. Sign in with it now
flash-question-set = Security question set
flash-realname-submitted = Submitted. Your real name now waits for review
flash-session-ended = That device is signed out
flash-qr-confirmed = Sign-in confirmed
flash-qr-cancelled = Cancelled. That device will not be signed in
flash-sign-reviewed = Bio reviewed
flash-realname-reviewed = Real name reviewed
flash-coins-changed = Coins changed
flash-silence-changed = Silence mark changed
flash-contact-verified = Verification recorded
flash-sessions-ended = The member is signed out everywhere
flash-member-deleted = The account is being deleted
undo = Undo
members-count = { $count ->
    [one] 1 person
   *[other] { $count } people
}
flash-privacy-changed = Who sees your lists is saved
flash-leaving = Your account will be deleted. Sign in before then to keep it
flash-stays = Your account stays
flash-export-requested = Your file is being prepared
