### Pages of a member's account, and signup.

back-home = Back to home
colon = {": "}
optional = optional
submit = Submit
change = Change
reason = Reason
details = Details
date = Date
result = Result
actions = Actions

# Home.
write-bio = Write a short bio so that others get to know you
bio-pending = New bio, waits for review
bio-removal-pending = Removal of the bio, waits for review
level-progress = Progress to the next level
highest-level = { $exp } XP, the highest level
exp-to-next-level = { $exp } XP, { $missing } to go to LV{ $level }
coins = Coins
unread = Unread
todays-rewards = Today’s rewards
monthly-vip = Monthly VIP
annual-vip = Annual VIP
vip-until = until { $date }
vip-frozen = frozen
vip-locked = locked
vip-expired = expired

# Coins.
coins-of-week = Coins of seven days
seven-days = Seven days
balance-now = Balance <b>{ $balance }</b>
week-total = { $income } received and { $expense } spent in seven days
income = Received
expense = Spent

# Rewards.
today = Today
one-time = One-time
exp-today = XP gained today
exp-of = { $exp } / { $max } XP
exp-plus = +{ $exp } XP
exp-gained = {"Gained: "}
exp-not-gained = {"Not gained yet: "}
task-done = Done
task-not-done = Not done
rewards-reset = Each day starts at midnight in Beijing (UTC+8).
task-login = Sign in
task-login-explained = Your first visit of the day, plus 1 coin
task-watch = Watch
task-watch-explained = Watch a video to its end
task-tip = Tip
task-tip-explained = { $exp } XP for each coin
task-share = Share
task-share-explained = Share a video
task-tel = Phone number
task-tel-explained = Counts once the number is verified
task-realname-explained = Pass the review
task-mail = Email
task-mail-explained = Add an email address
task-question-explained = Set a security question

# Logins.
active-devices = Signed-in devices
this-device = This device
session-times = Signed in { $created }, expires { $expires }
latest-days = { $days ->
    [one] Last day
   *[other] Last { $days } days
}
logins-caption = Sign-ins and attempts, newest first
end-session = Sign out
log-out-of = Sign out: { $time }
no-logins = No sign-ins
not-your-login = Wasn’t you? Sign it out, then <a href="/security">change your password</a>.
opened-by-operator = Opened by an operator
by-qr-code = QR code
password-login-succeeded = Password sign-in
password-login-failed = Password sign-in failed
qr-login-succeeded = QR code sign-in
qr-login-failed = QR code sign-in failed
new-device = New device
new-place = New place
new-device-and-place = New device · new place

# Profile.
userid = Username
rank = Rank
joined-at = Joined
not-given = Not given
no-bio = No bio yet
new-bio = New bio
bio-hint = <output>{ $length }</output> / { $max } characters, no emoji. Empty removes the bio
at-most-characters = { $count } characters at most
waits-for-review = Waits for review
submitted-at = Submitted { $time }.
effective-at = Takes effect { $time }.
approved = Approved
rejected = Rejected

# Real name.
realname-verified = Your real name is verified
realname-reward = Verification brings { $exp } XP, once.
realname-privacy = Name and number are stored encrypted. Only reviewers see them.
realname-replaces = Submitting again replaces the waiting application.
realname-submit = Submit
card-id = Chinese ID card
card-hongkong-macao = Mainland travel permit for Hong Kong and Macao residents
card-taiwan = Mainland travel permit for Taiwan residents
card-passport = Chinese passport
card-residence = Permanent residence permit for foreigners
card-foreign = ID of another country or region
card-other = Other document

# Security.
password-strength = Password strength
score = { $score } points
strength-weak = Weak
strength-medium = Medium
strength-strong = Strong
set = Set
not-set = Not set
not-bound = None
contact-verified = Verified
contact-not-verified = Not verified
contact-hint = Leave empty to remove it. The operators verify it
contact-code-hint = Leave empty to remove it. A new one gets a code
verify-tel = Verify phone
verify-own-mail = Verify email
verify-explained = Once it is verified you can sign in with it, and set a new password if you forget yours.
send-code-to-tel = Send a code to this phone
send-code-to-mail = Send a code to this email
login-password = Password
current-password = Current password
new-password-hint = At least { $length } characters. All other devices have to sign in again
change-password = Change password
phone = Phone
new-phone = New phone number
update-phone = Update phone
new-mail = New email
update-mail = Update email
security-question = Security question
question = Question
set-question = Set question
see-logins = See <a href="/logins">sign-ins</a> for where you signed in.

# Signup.
sign-up-closed = Sign-up is closed. Contact the operators of this community.
uname-hint = 1 to 16 characters
password-hint = At least { $length } characters
have-account = Have an account? <a href="/login">Sign in</a>
