### The page of a member's own data.

your-data = Your data

# Privacy.
who-sees-your-lists = Who sees your lists
audience-everybody = Everybody
audience-mutuals = Mutual followers
audience-oneself = Only you
privacy-hint = The numbers stay visible. A member you follow may still show you among their own followers.
list-is-hidden = This member doesn’t show this list
