-- A minimal schema for follows only, filled from a guanxi community in the same database.
create schema hand;
create table hand.card as
    select mid, uname, face, sign, official_title, official_verified, vip_kind, vip_status, vip_due_date, vip_label_path from card;
create table hand.follow as select mid, fid, mtime from relation where attribute = 2;
create table hand.count as select mid, following, follower from counters;
-- pgbench draws ranks. The member with the most followers has rank 1.
create table hand.rank as select row_number() over (order by follower desc, mid) as rank, mid from hand.count;
alter table hand.card add primary key (mid);
alter table hand.follow add primary key (mid, fid);
create index on hand.follow (fid, mtime, mid);
alter table hand.count add primary key (mid);
alter table hand.rank add primary key (rank);
analyze hand.follow;
analyze hand.count;
analyze hand.rank;

-- A follow in one statement. Counters are updated in the order of mids, so that two mutual follows do not deadlock.
create function hand.follow(me bigint, them bigint, now bigint) returns void language plpgsql as $$
begin
    insert into hand.follow values (me, them, now) on conflict do nothing;
    if found and me < them then
        update hand.count set following = following + 1 where mid = me;
        update hand.count set follower = follower + 1 where mid = them;
    elsif found then
        update hand.count set follower = follower + 1 where mid = them;
        update hand.count set following = following + 1 where mid = me;
    end if;
end $$;
