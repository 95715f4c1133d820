### The page of a member's own data.

your-data = Your data

# Privacy.
who-sees-your-lists = Who sees your lists
audience-everybody = Everybody
audience-mutuals = Mutual followers
audience-oneself = Only you
privacy-hint = The numbers stay visible. A member you follow may still show you among their own followers.
list-is-hidden = This member doesn’t show this list

# Leaving.
leaving = Your account is to be deleted
account-is-deleted-at = Your account will be deleted on { $time }.
stay-hint = Everything is as before until then.
stay = Keep my account
delete-account = Delete your account
deletion-is-scheduled = The deletion of your account is scheduled, as the message above says.
deletion-effect = { $days ->
    [one] You are signed out everywhere. Your account is deleted after one day, unless you sign in before then and keep it.
   *[other] You are signed out everywhere. Your account is deleted after { $days } days, unless you sign in before then and keep it.
}
deletion-of-relations = Your followings, followers, groups, remarks and blocks are deleted, on both sides.
deletion-of-account = Your profile, contacts, real name, coins, level and sign-ins are deleted.
deletion-is-final = After that nobody can restore them. Others see “账号已注销” until the deletion has ended.
your-uid = Your UID
type-your-uid = Type { $mid } to show that you mean it
delete-account-now = Delete my account
