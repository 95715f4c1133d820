### The page of a member's own data.

see-own-data = Download your data, hide your lists or delete your account: <a href="/data">Your data</a>
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
delete-my-account = Delete your account
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

# Download and import.
download-your-data = Download your data
download-contents = A ZIP file with your profile, account, relations and groups, coins, sign-ins, news and remarks, as JSON and CSV.
export-ready = Ready since { $time }.
export-expires = It is deleted on { $time }.
download-size = Download ({ $size })
export-in-progress = Requested on { $time }. It is being prepared.
reload = Look again
prepare-archive = Prepare a file
prepare-archive-again = Prepare a new file
import-relations = Import follows and groups
csv-file = CSV file
csv-hint = The file relations.csv of your download, or any CSV file with the column mid, and optionally kind and groups. You see the changes before anything changes.
preview-import = Show the changes
import-preview = What the import changes
nothing-imported-yet = Nothing has changed yet
import-added = New
import-joined = Join groups
import-unchanged = Already there
import-refused = Not possible
import-groups = New groups
import-can-be-undone = You can undo the import for five minutes. New groups stay.
import-now = Import
line-number = Line { $line }
further-lines = { $count ->
    [one] and 1 more
   *[other] and { $count } more
}
invalid-line = Line { $line }: { $reason }. Nothing has changed
csv-encoding = it is not UTF-8
csv-quotes = a quotation mark is in the wrong place
csv-no-mid-column = the first line needs the column mid
csv-mid = the mid is not valid
csv-kind = the kind is not follow, whisper or block
csv-groups = only follows have groups
csv-repeated = the mid occurs twice
csv-too-long = the file has too many lines
