//! The parameters of the caller's own lists.

use crate::param::named_param;

named_param! {
    /// A list of the caller.
    OwnList {
        /// The members that the caller follows.
        Followings = "followings",
        /// The members that follow the caller.
        Followers = "followers",
        /// The members that the caller whispers.
        Whispers = "whispers",
        /// The members that the caller blocks.
        Blocks = "blocks",
    }
}

named_param! {
    /// A filter of a list.
    ListFilter {
        /// The members that follow each other with the caller.
        Mutual = "mutual",
        /// The followings that do not follow back, or the followers whom the caller does not follow.
        OneWay = "one_way",
        /// The followings in no group.
        Ungrouped = "ungrouped",
        /// The special followings.
        Special = "special",
    }
}

named_param! {
    /// The order of a list.
    ListSort {
        /// The newest relation first.
        Newest = "newest",
        /// The oldest relation first.
        Oldest = "oldest",
        /// By the caller's remark or the name.
        Name = "name",
        /// The member last seen first, by days.
        Active = "active",
    } default Newest
}
