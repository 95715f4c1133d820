//! News: stored items, new followers by day, and the logs by month.

use super::builder::{select_list, statements};
use crate::model::{CoinRow, NewsRow, RewardRow};
use guanxi_domain::news::SHOWN_FOLLOWERS;

statements! {
    /// Returns the stored news of a member, and the newest `$3` unread followers since `$2`. 1 marks a follow that the
    /// member answered.
    NEWS = format!(
        "select {}, f.times, f.answered from counters c left join news n on n.mid = $1 cross join lateral ( \
         select array_agg(x.mtime order by x.mtime desc, x.seq desc, x.fid desc) as times, \
         array_agg(case when r.mid is null then 0 else 1 end::bigint order by x.mtime desc, x.seq desc, x.fid desc) \
         as answered from (select l.fid, l.mtime, l.seq from follower_index l where l.mid = $1 and l.attribute = 2 \
         and l.mtime > greatest($2, n.seen, n.followers_seen) \
         order by l.mtime desc, l.seq desc, l.fid desc limit $3) x left join relation r on r.mid = $1 \
         and r.fid = x.fid and r.attribute = 2 and (r.mtime, r.seq) > (x.mtime, x.seq)) f where c.mid = $1",
        select_list::<NewsRow>("n")
    );
    /// Returns the days from the start `$2` back to the start `$3` on which a member got followers: the newest time,
    /// the number up to `$4`, and the newest members. At most `$5` days, newest first.
    FOLLOWER_DAYS = format!(
        "select x.newest, x.total, x.fids from counters c \
         cross join generate_series($2::bigint, $3::bigint, -86400::bigint) d (start) cross join lateral ( \
         select max(e.mtime) as newest, count(*) as total, \
         (array_agg(e.fid order by e.mtime desc, e.seq desc, e.fid desc))[1:{SHOWN_FOLLOWERS}] as fids from ( \
         select l.fid, l.mtime, l.seq from follower_index l where l.mid = $1 and l.attribute = 2 \
         and l.mtime >= d.start and l.mtime < d.start + 86400 \
         order by l.mtime desc, l.seq desc, l.fid desc limit $4) e) x \
         where c.mid = $1 and x.total > 0 order by x.newest desc limit $5"
    );
    /// Returns the coin entries of a member from `$2` to `$3`, newest first, without the first `$4`.
    COIN_WINDOW = format!(
        "select {} from coin c where c.mid = $1 and c.time >= $2 and c.time <= $3 \
         order by c.time desc, c.id desc offset $4 limit $5",
        select_list::<CoinRow>("c")
    );
    /// Returns the rewards of a member in a range of days, newest first.
    REWARDS = format!(
        "select {} from reward r where r.mid = $1 and r.day >= $2 and r.day <= $3 order by r.day desc",
        select_list::<RewardRow>("r")
    );
}
