### Managing many members of a list, remarks, and groups of one member.

show-all = Everyone
show-mutual = Mutual
show-not-following-back = Not following you back
show-not-followed-back = Not followed by you
show-ungrouped = In no group
show-special = Special
sort-newest = Newest first
sort-oldest = Oldest first
sort-name = By name
sort-active = Last seen first
filter-label = Filter
sort-label = Order
searched-oldest = { $count ->
    [one] Only the oldest person was searched
   *[other] Only the oldest { $count } people were searched
}

many-changes = Change many
select-whole-page = Select page
scope = Applies to
scope-ticked = Selected people
scope-page = { $count ->
    [one] This page: 1 person
   *[other] This page: { $count } people
}
scope-all = { $count ->
    [one] All that match: 1 person
   *[other] All that match: { $count } people
}
many-limit = { $count ->
    [one] At most 1 person at a time
   *[other] At most { $count } people at a time
}
group-many = Groups
add-to-groups = Add to these groups
remove-from-groups = Remove from these groups
move-to-groups = Put into only these groups
move-from-group = Move from this group to
follow-into-groups = Follow into groups
groups-are-optional = Groups are optional

many-followed = { $count ->
    [one] Followed 1 person
   *[other] Followed { $count } people
}
many-unfollowed = { $count ->
    [one] Unfollowed 1 person
   *[other] Unfollowed { $count } people
}
many-whispered = { $count ->
    [one] Followed 1 person privately
   *[other] Followed { $count } people privately
}
many-unwhispered = { $count ->
    [one] Ended 1 private follow
   *[other] Ended { $count } private follows
}
many-blocked = { $count ->
    [one] Blocked 1 person
   *[other] Blocked { $count } people
}
many-unblocked = { $count ->
    [one] Unblocked 1 person
   *[other] Unblocked { $count } people
}
many-followers-removed = { $count ->
    [one] Removed 1 follower
   *[other] Removed { $count } followers
}
many-added = { $count ->
    [one] Added 1 person to groups
   *[other] Added { $count } people to groups
}
many-removed = { $count ->
    [one] Removed 1 person from groups
   *[other] Removed { $count } people from groups
}
many-moved = { $count ->
    [one] Changed the groups of 1 person
   *[other] Changed the groups of { $count } people
}
many-imported = { $count ->
    [one] Imported 1 line
   *[other] Imported { $count } lines
}
many-refused = { $count ->
    [one] 1 person unchanged: { $reason }
   *[other] { $count } people unchanged: { $reason }
}
many-left = { $count ->
    [one] 1 more matches, so repeat it
   *[other] { $count } more match, so repeat it for them
}
many-and = { $first }; { $then }
many-undone = { $count ->
    [one] Undone, except for 1 person who has changed since
   *[other] Undone, except for { $count } people who have changed since
}

remark = Remark
remark-of = Remark on { $name }
remark-hint = At most 20 characters, and only you see it
flash-remark-saved = Remark saved
edit-groups = Groups
groups-of-member = In which groups
field-remark = Remark

active-within-week = Seen within a week
active-within-month = Seen within a month
active-long-ago = Not seen for long

go-to-page = Go to page
go-to = Go
