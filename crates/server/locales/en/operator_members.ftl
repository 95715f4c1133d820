### Operators' list of members, and their pages of a member.

filter-name = Name contains
members-newest = Newest UID first
members-oldest = Oldest UID first
more-filters = More filters
joined-from = Joined from
joined-until = Joined until
last-login = Last sign-in
active-from = Last sign-in from
active-until = Last sign-in until
experience = XP
exp-from = Least XP
exp-until = Greatest XP
states = State
phone-unverified = Phone not verified
mail-unverified = Email not verified
apply-filters = Filter
no-members-match = No member matches
members-caption = Members
never = Never
first-page = First page
members-compared = { $count } members were compared for this page. Further members may match.
compare-further = Compare further members
names-incomplete = Only the first names that match are listed. Enter more of the name.

# Values of a member.
none = None
yes = Yes
no = No
list-separator = {", "}
labelled = { $label }: { $value }
member-picture = Picture
official = Official
official-person = Verified person
official-organisation = Verified organisation
official-title = Verified title
official-desc = Verified description
vip-monthly = Monthly
vip-yearly = Yearly
vip-state = VIP state
vip-active = Active
vip-end = VIP until
vip-label = VIP label
moral = Moral score
description = Description
organisation = Organisation
department = Department
tags = Tags
honours = Honours
pendant = Pendant
nameplate = Nameplate
live-room = Live room
live-title = Live room title
live-url = Live room address
senior = Senior member
value-set = set
value-changed = changed
phone-verified = Phone verified
mail-verified = Email verified
has-password = Has a password
password-level = Password strength
name-not-chosen = Name not chosen yet
name-changed = Name changed
weibo = Weibo bound
qq = QQ bound
video-views = Video views
article-views = Article views
videos = Videos
articles = Articles
counted-at = Counted
sessions-ended = Sessions ended
role = Role
key-number = Key
note-number = Note

# Actions of the audit log.
action-create = Create member
action-update = Change member
action-silence = Silence mark
action-verify = Verify contact
action-coins = Change coins
action-sessions = Sign out everywhere
action-face = Remove picture
action-delete = Delete account
action-review-sign = Review of a bio
action-review-name = Review of a name
action-review-realname = Review of a real name
action-events = Event ingest
action-token-create = Create token
action-token-revoke = Revoke token
action-keys = Rotate keys
action-note-add = Add note
action-note-delete = Delete note

# Notes.
notes = Notes
notes-hint = Only operators see them
new-note = New note
text = The text
add-note = Add note
delete-note = Delete
delete-note-of = Delete the note of { $time }
confirm-note = Delete this note?
confirm-note-effect = No operator sees it any more. This can’t be undone.
flash-note-added = Note added
flash-note-deleted = Note deleted

# Coin ledger.
coin-ledger = Coin ledger
download-ledger = Download as CSV
no-coin-entries = No changes of coins yet
ledger-caption = Changes of coins, newest first

# Actions on many members.
per-page = Per page
batch-action = Action on the selected members
batch-continue = Continue…
and-further = { $count ->
    [one] and { $count } more
   *[other] and { $count } more
}
batch-silence = { $count ->
    [one] Silence { $count } member?
   *[other] Silence { $count } members?
}
batch-silence-effect = Their spaces show “Silenced” to everybody. The marks can be removed.
batch-unsilence = { $count ->
    [one] Remove the silence mark of { $count } member?
   *[other] Remove the silence marks of { $count } members?
}
batch-unsilence-effect = Their spaces no longer show “Silenced”.
batch-sessions = { $count ->
    [one] Sign { $count } member out everywhere?
   *[other] Sign { $count } members out everywhere?
}
batch-sessions-effect = They have to sign in again on every device. This can’t be undone.
batch-picture = { $count ->
    [one] Remove the picture of { $count } member?
   *[other] Remove the pictures of { $count } members?
}
batch-picture-effect = Everybody sees their initials instead. This can’t be undone.
batch-coins = { $count ->
    [one] Change the coins of { $count } member?
   *[other] Change the coins of { $count } members?
}
batch-coins-effect = Each of them sees the change and its reason in the coin history. It can’t be undone, only reversed by another change.
batch-delete = { $count ->
    [one] Delete { $count } account?
   *[other] Delete { $count } accounts?
}
batch-delete-effect = Sign-ins end and phones, emails and real names are deleted at once. Relations, groups and records follow. This can’t be undone.
batch-result = Results
batch-done = Done
batch-done-count = { $count ->
    [one] { $count } member is done.
   *[other] { $count } members are done.
}
batch-refused-count = { $count ->
    [one] { $count } member was refused.
   *[other] { $count } members were refused.
}
back-to-list = Back to the list
