-- What guanxi keeps. Times are seconds since 1970 unless a comment says otherwise, coins are tenths of a coin, and a mid is
-- a member. Every table of members' begins with the mid, by which it can be distributed.
--
-- attend_at is from when on the clock has something to do with a row, waits_since since when it waits for a moderator.

create table stat (
    mid bigint not null,
    following bigint not null,
    whisper bigint not null,
    black bigint not null,
    follower bigint not null,
    special bigint not null,
    "default" bigint not null,
    fans_version bigint not null,
    followings_version bigint not null,
    hidden_version bigint not null,
    turn bigint not null,
    last_mtime bigint not null,
    last_seq bigint not null,
    coins bigint not null,
    primary key (mid)
);
comment on table stat is 'The counters of a member, their balance, and the versions of their lists. Whoever has them exists, and whoever writes what is a member''s locks their row here first.';

create table tie (
    mid bigint not null,
    fid bigint not null,
    attribute smallint not null check (attribute in (1, 2, 128)),
    seq integer not null,
    mtime bigint not null,
    source bigint not null,
    turn bigint,
    primary key (mid, fid),
    check (mid <> fid)
);
comment on table tie is 'The ties of mid to others: attribute 1 whispers, 2 follows, 128 blocks. seq orders those of one second as they were made, turn is the place in the default group, if it is in that.';
create index tie_following on tie (mid, mtime, seq, fid) where attribute = 2;
create index tie_default on tie (mid, turn, fid) where turn is not null;

create table fan (
    mid bigint not null,
    fid bigint not null,
    attribute smallint not null,
    seq integer not null,
    mtime bigint not null,
    primary key (mid, fid)
);
comment on table fan is 'The same ties as they come to mid: fid follows (2), whispers (1) or blocks (128) mid.';
create index fan_follower on fan (mid, mtime, seq, fid) where attribute = 2;

create table grouped (
    mid bigint not null,
    tagid bigint not null,
    turn bigint not null,
    fid bigint not null,
    primary key (mid, tagid, turn, fid)
);
comment on table grouped is 'Whom mid keeps in which groups, in the order of their turns; tagid -10 is 特别关注. Those in the default group are in tie alone.';
create index grouped_fid on grouped (mid, fid);

create table card (
    mid bigint not null,
    uname text not null,
    face text not null,
    sign text not null,
    official_role bigint not null,
    official_title text not null,
    official_desc text not null,
    official_verified text not null,
    vip_kind smallint not null,
    vip_status smallint not null,
    vip_due_date bigint not null,
    vip_pay_type smallint not null,
    vip_theme_type smallint not null,
    vip_label_path text not null,
    vip_label_text text not null,
    vip_label_theme text not null,
    vip_label_text_color text not null,
    vip_label_bg_style smallint not null,
    vip_label_bg_color text not null,
    vip_label_border_color text not null,
    vip_avatar_subscript smallint not null,
    vip_nickname_color text not null,
    vip_role smallint not null,
    vip_avatar_subscript_url text not null,
    vip_due_remark text not null,
    vip_access_status smallint not null,
    vip_status_warn text not null,
    attend_at bigint,
    waits_since bigint,
    primary key (mid)
);
comment on table card is 'What anybody sees of a member wherever they are listed. Whoever has a card is a member. vip_due_date is in milliseconds.';
create index on card (attend_at) where attend_at is not null;

create table profile (
    mid bigint not null,
    sex text not null,
    birthday date,
    rank bigint not null,
    face_nft smallint not null,
    jointime bigint not null,
    moral bigint not null,
    silence boolean not null,
    spacesta bigint not null,
    place text not null,
    description text not null,
    medal_badge boolean not null,
    medal_show boolean not null,
    medal_wear boolean not null,
    pendant_pid bigint not null,
    pendant_name text not null,
    pendant_image text not null,
    pendant_expire bigint not null,
    pendant_image_enhance text not null,
    pendant_image_enhance_frame text not null,
    nameplate_nid bigint not null,
    nameplate_name text not null,
    nameplate_image text not null,
    nameplate_image_small text not null,
    nameplate_level text not null,
    nameplate_condition text not null,
    honour_colour text,
    honour_tags text[],
    top_photo text not null,
    top_photo_small text not null,
    live_room_open boolean not null,
    live_room_live boolean not null,
    live_room_url text not null,
    live_room_title text not null,
    live_room_cover text not null,
    live_room_roomid bigint not null,
    live_room_round boolean not null,
    live_room_broadcast_type smallint not null,
    live_room_watched_switch boolean not null,
    live_room_watched_num bigint not null,
    live_room_watched_text_small text not null,
    live_room_watched_text_large text not null,
    live_room_watched_icon text not null,
    live_room_watched_icon_location text not null,
    live_room_watched_icon_web text not null,
    school text,
    profession_name text not null,
    profession_department text not null,
    profession_title text not null,
    profession_show boolean not null,
    tags text[],
    series_upgrade_status smallint not null,
    series_upgrade_window boolean not null,
    senior boolean not null,
    primary key (mid)
);
comment on table profile is 'What a member''s space shows beside their card.';

create table account (
    mid bigint not null,
    userid text not null,
    nick_free boolean not null,
    tel bytea check (tel <> ''),
    tel_verified boolean not null,
    mail bytea check (mail <> ''),
    mail_verified boolean not null,
    has_password boolean not null,
    score smallint not null,
    pwd_level smallint not null,
    security boolean not null,
    safe_question boolean not null,
    weibo boolean not null,
    qq boolean not null,
    skip_verify boolean not null,
    primary key (mid)
);
comment on table account is 'A member''s account. tel and mail are sealed with the service''s keys.';

create table realname (
    mid bigint not null,
    standing text not null,
    standing_remark text,
    name bytea check (name <> ''),
    card bytea check (card <> ''),
    card_type smallint not null,
    submitted bigint not null,
    attend_at bigint,
    waits_since bigint,
    primary key (mid)
);
comment on table realname is 'Applications for real name verification: standing is waiting, verified or rejected. name and card are sealed.';
create index on realname (waits_since, mid) where waits_since is not null;

create table upstat (
    mid bigint not null,
    archive_view bigint not null,
    article_view bigint not null,
    likes bigint not null,
    archive_count bigint not null,
    article_count bigint not null,
    told bigint not null,
    primary key (mid)
);
comment on table upstat is 'How a member''s works are seen; told is the second that it was told of.';

create table growth (
    mid bigint not null,
    exp bigint not null,
    tel boolean not null,
    identify_card boolean not null,
    primary key (mid)
);
comment on table growth is 'A member''s exp, and the rewards that are given once ever.';

create table reward (
    mid bigint not null,
    day date not null,
    given_login boolean not null,
    given_watch boolean not null,
    given_coins smallint not null,
    given_share boolean not null,
    primary key (mid, day)
);
comment on table reward is 'What a day, in Asia/Shanghai, has given a member.';

create table own_group (
    mid bigint not null,
    tagid bigint not null,
    name text not null,
    primary key (mid, tagid)
);
comment on table own_group is 'The groups that members made for their followings. A tagid is of one group in the whole service.';

create table sign (
    mid bigint not null,
    sign text not null,
    submitted bigint not null,
    due bigint,
    rejected text,
    attend_at bigint,
    waits_since bigint,
    primary key (mid)
);
comment on table sign is 'Signs that wait for their review, and the last one that was rejected, with the reason.';
create index on sign (attend_at) where attend_at is not null;
create index on sign (waits_since, mid) where waits_since is not null;

create table session (
    hash bytea not null,
    mid bigint not null,
    created bigint not null,
    expires bigint not null,
    how text,
    device text not null,
    ip inet,
    place text not null,
    attend_at bigint,
    waits_since bigint,
    primary key (hash)
);
comment on table session is 'Sessions, by the SHA-256 of their tokens: the tokens themselves are kept nowhere.';
create index on session (attend_at) where attend_at is not null;

create table password (
    mid bigint not null,
    phc text not null,
    primary key (mid)
);
comment on table password is 'What argon2 made of passwords.';

create table question (
    mid bigint not null,
    question bytea check (question <> ''),
    answer text not null,
    primary key (mid)
);
comment on table question is 'Safe questions, sealed, and what argon2 made of their answers.';

create table handle (
    hash bytea not null,
    mid bigint not null,
    primary key (hash)
);
comment on table handle is 'By what a member is found: hashes of names, user names, phones and mail addresses.';

create table farewell (
    mid bigint not null,
    since bigint not null,
    attend_at bigint,
    waits_since bigint,
    primary key (mid)
);
comment on table farewell is 'Members who are leaving: what they had is taken away step by step.';
create index on farewell (attend_at) where attend_at is not null;

create table latest_login (
    mid bigint not null,
    device bytea not null,
    login_mid bigint not null,
    login_time bigint not null,
    login_ip inet not null,
    login_how text not null,
    login_ok boolean not null,
    login_device text not null,
    login_buvid text not null,
    login_place text not null,
    login_carrier text not null,
    primary key (mid, device)
);
comment on table latest_login is 'The latest successful login of a member from each device.';

create table qr (
    hash bytea not null,
    caller bytea not null,
    made bigint not null,
    expires bigint not null,
    device text not null,
    ip inet,
    place text not null,
    carrier text not null,
    scanned bigint,
    confirmed boolean not null,
    attend_at bigint,
    waits_since bigint,
    primary key (hash)
);
comment on table qr is 'QR codes that somebody asked for, to log in with.';
create index on qr (attend_at) where attend_at is not null;

create table door (
    hash bytea not null,
    tries_recent bigint[] not null,
    tries_until bigint not null,
    tries_waits bigint not null,
    forgotten bigint not null,
    attend_at bigint,
    waits_since bigint,
    primary key (hash)
);
comment on table door is 'Accounts and addresses at which tries to log in are counted.';
create index on door (attend_at) where attend_at is not null;

create table event (
    hash bytea not null,
    what bigint not null,
    time bigint not null,
    forgotten bigint not null,
    attend_at bigint,
    waits_since bigint,
    primary key (hash)
);
comment on table event is 'Events that were counted, by the hashes of their ids.';
create index on event (attend_at) where attend_at is not null;

create table operator_token (
    hash bytea not null,
    role text not null,
    name text not null,
    created bigint not null,
    primary key (hash)
);
comment on table operator_token is 'Operators'' tokens, by their hashes.';

create table audit (
    seq bigint not null,
    time bigint not null,
    "by" text not null,
    deed text not null,
    mid bigint,
    before text not null,
    after text not null,
    primary key (seq)
);
comment on table audit is 'What operators did. Rows are never changed.';

create table key_mark (
    id bigint not null,
    "check" bigint not null,
    primary key (id)
);
comment on table key_mark is 'The keys that private texts were sealed with, by their marks.';

create table event_horizon (
    id bigint not null,
    time bigint not null,
    primary key (id)
);
comment on table event_horizon is 'Up to which second ids of events are forgotten.';

create table coin (
    mid bigint not null,
    time bigint not null,
    delta bigint not null,
    reason text not null,
    id bigserial not null,
    primary key (mid, time, id)
);
comment on table coin is 'Members'' coin logs, in tenths of a coin. Their sum is the balance in stat.';

create table login (
    mid bigint not null,
    time bigint not null,
    ip inet not null,
    how text not null,
    ok boolean not null,
    device text not null,
    buvid text not null,
    place text not null,
    carrier text not null,
    id bigserial not null,
    primary key (mid, time, id)
);
comment on table login is 'Members'' login logs: logins, and tries.';

create table member_session (
    mid bigint not null,
    hash bytea not null,
    primary key (mid, hash)
);
comment on table member_session is 'Which sessions are a member''s.';

create table next (
    name text not null,
    value bigint not null,
    primary key (name)
);
comment on table next is 'The least mid, tagid and number of the audit log that was never given.';
insert into next (name, value) values ('mid', 1), ('tagid', 1), ('audit', 1);

create table loading (
    id smallint not null check (id = 0),
    rows bigint not null,
    digest bytea not null,
    primary key (id)
);
comment on table loading is 'There while a dump is being taken in: how many of its rows are, and their SHA-256.';
