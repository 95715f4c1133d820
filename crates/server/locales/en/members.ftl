### Lists of members, spaces, and the buttons of relations.

follow = Follow
unfollow = Unfollow
follow-privately = Follow privately
unfollow-privately = Unfollow
make-private = Make private
make-public = Make public
block = Block
unblock = Unblock
remove-follower = Remove follower
more-actions = More actions: { $name }
status-followed = Following
status-mutual = Mutual
status-whisper = Private
status-blocked = Blocked
follows-you = Follows you
vip = VIP
verified = Verified
silenced = Silenced
since = since { $date }

followings-of = Followed by <a href="/space/{ $mid }"><bdi>{ $name }</bdi></a>
followings-of-title = Followed by { $name }
followers-of = Followers of <a href="/space/{ $mid }"><bdi>{ $name }</bdi></a>
followers-of-title = Followers of { $name }
found = { $count } found
search = Search
search-followings = Search following
search-followers = Search followers
search-whispers = Search private follows
search-blocks = Search blocked
search-too-long = The search text is too long: 64 characters at most
nothing-found = Nobody matches
searched-latest = Only the latest { $count } were searched
all = All
nobody-here = Nobody here yet
no-followers = No followers yet
no-whispers = You follow nobody privately. The people you follow privately don’t know, and nobody else sees it
no-blocks = You have blocked nobody. Members you block can’t follow you
pages = Pages
previous-page = Previous
page-of = Page { $page } of { $last }
next-page = Next
five-pages-only = Only the first five pages of other members’ lists are shown

groups = Groups
special-group = Special
default-group = Default
all-followings = All
new-group = New group
group-name = Group name
create = Create
rename-or-delete = Rename or delete
new-group-name = New name
rename = Rename
delete-group = Delete this group
delete-group-hint = You will still follow everybody in it
select-member = Select { $name }

space-of = { $name }
likes = Likes
plays = Plays
reads = Reads
sex = Sex
sex-man = Male
sex-woman = Female
sex-secret = Not shown
birthday = Birthday
school = School
profession = Profession
joined = Joined
