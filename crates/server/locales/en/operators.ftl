### Pages of operators.

back-to-overview = Back to overview
token = Token
token-hint = Made by <code>guanxi operator token create</code>. Closing the browser forgets it
member = Member
uid = UID
action = Action
reason-of-change = Reason

# Overview.
go-review = Review
oldest-since = oldest { $time }
or-more = { $count } or more
storage = Storage
ready = Ready
not-ready = No answer
answered-writes = Writes
durable-commits = Commits
failed-commits = Failed commits
failed-writes = Failed writes
queued-writes = Queued writes
data-file = Data file
conflict-retries = Conflict retries
open-connections = Connections
waiting-for-connection = Waiting
event-ingest = Events
since-start = since the start
none-since-start = None since the start
latest-event = Latest
events-applied = Applied
events-repeated = Repeated
events-rejected = Rejected
latest-actions = Latest actions

# Audit log.
audit-log = Audit log
audit-caption = Actions, newest first
no-actions = No actions yet
older = Older

# Outbox.
outbox = Outbox
messages-waiting = Waiting messages
no-messages-waiting = No message is waiting
messages-in-folder = Messages in the folder
no-messages-sent = No messages yet
message = Message
message-to = To
message-text = Text
next-attempt = Next attempt
last-error = Last error
failed-attempts = { $count ->
    [one] 1 failure
   *[other] { $count } failures
}
message-kind-verification = Verification
message-kind-recovery = New password
message-kind-login = Sign-in
message-kind-password = Password changed
message-kind-tel = Phone changed
message-kind-mail = Email changed
message-kind-factors = Two-step sign-in changed

# Reviews.
current-bio = {"Now: "}
approve = Approve
reject = Reject
approve-sign-of = Approve the bio of { $name }
reject-sign-of = Reject the bio of { $name }
approve-realname-of = Approve the real name of { $name }
reject-realname-of = Reject the real name of { $name }
no-signs-to-review = No bios wait for review
no-realnames-to-review = No real names wait for review

# Members.
search-by = Search by
search-members = Search members
search-hint = Find a member by UID, name, username, phone or email
being-deleted = Being deleted
leaves-at = Leaves on { $time }
silence = Mark as silenced
remove-silence = Remove silence mark
sign-out-everywhere = Sign out everywhere
verify-phone = Phone is verified
verify-mail = Email is verified
adjust-coins = Coins…
adjustment = Change
apply-change = Change coins
balance = Balance
delete-account = Delete account
active-sessions = Signed in
realname-status-verified = Verified
realname-status-none = None
section-card = Card
section-growth = Growth
section-works = Works

# Confirmations.
confirm-silence = Silence this member?
confirm-silence-effect = Their space shows “Silenced” to everybody. The mark can be removed.
confirm-silence-button = Silence
confirm-revoke = Sign this member out everywhere?
confirm-revoke-effect = They have to sign in again on every device. This can’t be undone.
confirm-revoke-button = Sign out
confirm-delete = Delete this account?
confirm-delete-effect = Sign-ins end and phone, email and real name are deleted at once. Relations, groups and records follow. This can’t be undone.
confirm-delete-button = Delete account
confirm-coins = Change the coins of this member?
confirm-coins-effect = They see the change and its reason in their coin history. It can’t be undone, only reversed by another change.
confirm-coins-button = Change coins
confirm-realname = Approve this real name?
confirm-realname-effect = The first approval brings { $exp } XP. It can’t be undone, and the member can’t change the name any more.
confirm-realname-button = Approve
confirm-tel = Is this phone number verified?
confirm-tel-effect = The first verified phone brings { $exp } XP. This can’t be undone.
confirm-mail = Is this email address verified?
confirm-mail-effect = This can’t be undone.
confirm-verify-button = Verified
