### News, levels, months of coins, and first steps.

news = News
unread-news = { $count ->
    [one] News, { $count } unread
   *[other] News, { $count } unread
}
unread-news-many = News, more than 99 unread
all-news = All news
no-news = No news yet
news-kept = { $days ->
    [one] News are kept for { $days } day. New sign-ins are from a device or place not seen before.
   *[other] News are kept for { $days } days. New sign-ins are from a device or place not seen before.
}
mark-all-read = Mark all as read
mark-read = Mark as read
mark-read-of = Mark as read: { $time }
news-unread = Unread
flash-news-seen = All marked as read
older-news = Older news
newest-news = Newest news

news-sign-approved = Your bio was approved
news-sign-rejected = Your bio was rejected
news-sign-rejected-because = Your bio was rejected: <bdi>{ $remark }</bdi>
news-realname-verified = Your real name was verified
news-realname-rejected = Your real name was rejected
news-realname-rejected-because = Your real name was rejected: <bdi>{ $remark }</bdi>
news-login = New sign-in: <bdi>{ $device }</bdi>, <bdi>{ $place }</bdi> ({ $ip })
news-level = You reached LV{ $level }
news-coins-given = You were given { $coins } coins: <bdi>{ $remark }</bdi>
news-coins-taken = { $coins } coins were taken: <bdi>{ $remark }</bdi>
news-follower = <bdi>{ $name }</bdi> follows you
news-followers-two = <bdi>{ $name }</bdi> and <bdi>{ $second }</bdi> follow you
news-followers = { $others ->
    [one] <bdi>{ $name }</bdi> and { $others } other follow you
   *[other] <bdi>{ $name }</bdi> and { $others } others follow you
}
news-followers-many = <bdi>{ $name }</bdi> and more than 99 others follow you

levels = Levels
level-ladder = Levels
level-current = LV{ $level } with { $exp } XP
level-caption = The experience that each level needs
level-column = Level
level-needs = XP needed
level-state = Progress
level-reached = Reached
level-here = Your level
level-missing = { $exp } to go
exp-sources = How to earn XP
exp-each-day = Every day
exp-once = Once
exp-login = Sign-in
exp-watch = Watching
exp-coins = Coins
exp-share = Sharing
exp-other = Other
exp-tel = Verified phone
exp-identify-card = Verified real name
exp-of-event = +{ $exp } XP
exp-of-coin = { $exp } for each coin
exp-got = Received
exp-got-today = Received today
exp-got-part = { $exp } today
exp-history = XP history
exp-caption = The experience of each day of this month, newest first
exp-day = Day
exp-sum = Total
exp-month-total = { $exp } this month
no-exp = No experience in this month
exp-days-explained = Days are those of Beijing time. “Other” is a verified phone or real name, and corrections by operators.

month = Month
month-show = Show
month-previous = Previous month
month-next = Next month
coins-of-month = By month
coins-caption = The coin changes of this month, newest first
no-coins = No changes in this month
coins-older = Older changes
coins-newest = Newest changes of this month
coins-download = Download CSV

first-steps = First steps
first-steps-done = { $done } of { $all } done
first-steps-dismiss = Don’t show again
flash-steps-dismissed = These steps won’t be shown again
step-done = Done
step-sign = Write a bio
step-sign-why = So that others get to know you
step-follow = Follow somebody
step-follow-why = Find them by their full name or UID
step-contact = Add a phone number or email
step-contact-why = Sign in with it, and prove that the account is yours
step-safe-question = Set a security question
step-safe-question-why = One more protection
