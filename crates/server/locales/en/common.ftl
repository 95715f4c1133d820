### Texts of the layout, and texts that several areas share.

site = guanxi
operator-site = guanxi operators
skip-to-content = Skip to content
main-navigation = Main
section-navigation = This section
member-centre = Me
relations = People
space = Space
log-in = Sign in
log-out = Sign out
sign-up = Sign up
api-documentation = API documentation
language = Language
theme = Theme
theme-system = System
theme-light = Light
theme-dark = Dark

# Pages of the account.
home = Home
my-profile = Profile
daily-rewards = Daily rewards
coin-history = Coins
logins = Sign-ins
account-security = Security
realname = Real name

# Lists of members.
followings = Following
followers = Followers
whispers = Private
blocks = Blocked
find-people = Find people

# Pages of operators.
overview = Overview
reviews = Reviews
members = Members
log = Log
metrics = Metrics
operator-login = Operator sign-in

# Shared words.
password = Password
device = Device
place = Place
ip-address = Address
time = Time
unknown = Unknown
cancel = Cancel
error = Something went wrong

# Messages of the script.
offline = You are offline. What you typed is still here: submit it once you are back online.
online = You are back online.
retrying = No connection. Trying again.
unknown-outcome = There was no answer, so it is not known whether this was done. <a href="">Reload the page</a> to see.
