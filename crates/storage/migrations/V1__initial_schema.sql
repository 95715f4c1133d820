-- The schema of guanxi.
--
-- The tables may be read and joined by any program. Only guanxi may write them, since counters and indexes are
-- derived from other rows. `guanxi check` verifies all derived data.
--
-- Conventions:
--   mid           the id of a member: the first column of the primary key of each member table, which distributes it.
--   times         seconds since 1970-01-01 00:00 UTC, unless a comment names another unit.
--   coins         tenths of a coin.
--   hash          SHA-256 or a keyed hash. The value itself is stored nowhere.
--   encrypted     ciphertext under the keys of the key file.
--   run_at        the time at which the scheduler has to process the row, or null.
--   review_since  the time since which the row waits for a moderator, or null.
--
-- There are no foreign keys: members are deleted in batches, and Citus checks no foreign key across nodes.

-- Members and their relations.

create table counters (
    mid bigint not null,
    following bigint not null,
    whisper bigint not null,
    blocked bigint not null,
    follower bigint not null,
    special bigint not null,
    "default" bigint not null,
    followers_version bigint not null,
    followings_version bigint not null,
    private_version bigint not null,
    next_join_seq bigint not null,
    last_mtime bigint not null,
    last_seq bigint not null,
    coins bigint not null,
    primary key (mid)
);
comment on table counters is 'The members, with the counters derived from their relations, the versions of their lists, and their coin balance. A transaction locks the row of a member before it reads or writes their data.';
comment on column counters.following is 'The number of members they follow.';
comment on column counters.whisper is 'The number of members they follow privately.';
comment on column counters.blocked is 'The number of members they block.';
comment on column counters.follower is 'The number of members who follow them.';
comment on column counters.special is 'The size of the group 特别关注.';
comment on column counters."default" is 'The size of the group 默认分组.';
comment on column counters.private_version is 'Changes with private follows and blocks, which only the member sees.';
comment on column counters.next_join_seq is 'The join_seq of the next relation that joins a group.';
comment on column counters.last_mtime is 'The newest mtime in the lists of the member. last_seq is the largest seq of that second.';

create table relation (
    mid bigint not null,
    fid bigint not null,
    attribute smallint not null check (attribute in (1, 2, 128)),
    seq integer not null,
    mtime bigint not null,
    source bigint not null,
    join_seq bigint,
    primary key (mid, fid),
    check (mid <> fid)
);
comment on table relation is 'The relations from mid to fid. A mutual follow is two rows.';
comment on column relation.attribute is '1 private follow (悄悄关注), 2 follow, 128 block.';
comment on column relation.mtime is 'The time when the relation was created or became mutual.';
comment on column relation.seq is 'The order of relations of one second.';
comment on column relation.source is 'The source of the relation: re_src of the API.';
comment on column relation.join_seq is 'The position in the default group, or null if the relation is not in it.';
create index relation_follow on relation (mid, mtime, seq, fid) where attribute = 2;
create index relation_private on relation (mid, attribute, mtime, seq, fid) where attribute <> 2;
create index relation_default_group on relation (mid, join_seq, fid) where join_seq is not null;

create table follower_index (
    mid bigint not null,
    fid bigint not null,
    attribute smallint not null,
    seq integer not null,
    mtime bigint not null,
    primary key (mid, fid)
);
comment on table follower_index is 'The same relations stored with their target: fid follows (2), privately follows (1) or blocks (128) mid.';
create index follower_index_follow on follower_index (mid, mtime, seq, fid) where attribute = 2;

create table member_group (
    mid bigint not null,
    tagid bigint not null,
    name text not null,
    primary key (mid, tagid)
);
comment on table member_group is 'The groups that members created for their follows. A tagid is unique in the whole service.';

create table group_member (
    mid bigint not null,
    tagid bigint not null,
    join_seq bigint not null,
    fid bigint not null,
    primary key (mid, tagid, join_seq, fid)
);
comment on table group_member is 'The follows of mid in each group, ordered by join_seq. tagid -10 is 特别关注. The default group has no rows here: see relation.join_seq.';
create index group_member_fid on group_member (mid, fid);

-- Most members have few relations, yet those with thousands decide which plan is safe. So the planner is told that
-- each member has a thousandth of the rows: it then finds the relations to listed members by both columns of the key.
alter table relation alter column mid set (n_distinct = -0.001);
alter table follower_index alter column mid set (n_distinct = -0.001);
alter table group_member alter column mid set (n_distinct = -0.001);

-- Profiles.

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
    version bigint not null,
    run_at bigint,
    review_since bigint,
    primary key (mid) include (version)
);
comment on table card is 'The public card of a member, which every list shows. Every member has one.';
comment on column card.vip_due_date is 'The end of the VIP status in milliseconds since 1970, or 0 for no end.';
comment on column card.version is 'A hash of the card. Programs cache cards by their version.';
create index on card (run_at) where run_at is not null;

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
comment on table profile is 'The data of a member''s space beside the card.';
create index profile_silence on profile (mid) where silence;

create table upstat (
    mid bigint not null,
    archive_view bigint not null,
    article_view bigint not null,
    likes bigint not null,
    archive_count bigint not null,
    article_count bigint not null,
    counted_at bigint not null,
    primary key (mid)
);
comment on table upstat is 'Views, likes and numbers of a member''s works, as an external service reported them at counted_at.';

create table growth (
    mid bigint not null,
    exp bigint not null,
    tel boolean not null,
    identify_card boolean not null,
    active date,
    primary key (mid)
);
comment on table growth is 'The experience points of a member, and the rewards that are granted only once.';

create table reward (
    mid bigint not null,
    day date not null,
    granted_login boolean not null,
    granted_watch boolean not null,
    granted_coins smallint not null,
    granted_share boolean not null,
    other bigint not null,
    primary key (mid, day)
);
comment on table reward is 'The rewards that a day has granted a member. A day is one of Asia/Shanghai.';
comment on column reward.granted_coins is 'Experience points for tips on that day, 0 to 50.';
comment on column reward.other is 'Experience points for other reasons on that day: one-time rewards, and corrections by operators.';

create table bio_review (
    mid bigint not null,
    sign text not null,
    submitted bigint not null,
    due bigint,
    rejected text,
    ended bigint not null,
    run_at bigint,
    review_since bigint,
    primary key (mid)
);
comment on table bio_review is 'The bio that a member submitted last. It waits for its review, or the review has ended.';
comment on column bio_review.due is 'The time at which it is published without a moderator, or null.';
comment on column bio_review.rejected is 'The reason of the rejection, or null.';
comment on column bio_review.ended is 'The end of the review, or 0 while it waits.';
create index on bio_review (run_at) where run_at is not null;
create index on bio_review (review_since, mid) where review_since is not null;

create table name_review (
    mid bigint not null,
    uname text not null,
    submitted bigint not null,
    rejected text,
    ended bigint not null,
    run_at bigint,
    review_since bigint,
    primary key (mid)
);
comment on table name_review is 'The name that a member submitted last. It waits for its review, or the review has ended.';
comment on column name_review.rejected is 'The reason of the rejection, or null.';
comment on column name_review.ended is 'The end of the review, or 0 while it waits.';
create index on name_review (review_since, mid) where review_since is not null;

create table picture (
    mid bigint not null,
    size integer not null,
    hash bigint not null,
    jpeg bytea not null,
    primary key (mid, size)
);
comment on table picture is 'The pictures of members, in each size. card.face has the path.';
comment on column picture.size is 'The width in pixels.';

create table privacy (
    mid bigint not null,
    followings text not null,
    followers text not null,
    primary key (mid)
);
comment on table privacy is 'Who may see the lists of a member. A member without a row shows them to everybody.';
comment on column privacy.followings is 'everybody, mutuals or oneself.';

create table news (
    mid bigint not null,
    seen bigint not null,
    followers_seen bigint not null,
    last_id bigint not null,
    expires bigint,
    items text not null,
    run_at bigint,
    review_since bigint,
    primary key (mid)
);
comment on table news is 'The news of a member, except for followers: their relations are the news.';
comment on column news.seen is 'The time up to which the member has read their news. followers_seen is that of followers, if it is later.';
comment on column news.expires is 'The time from which the oldest item may be deleted, or null.';
comment on column news.items is 'The items as JSON. Their number is bounded.';
create index on news (run_at) where run_at is not null;

-- Accounts.

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
    steps_dismissed boolean not null,
    name_changed bigint not null,
    primary key (mid)
);
comment on table account is 'The account of a member. tel and mail are encrypted.';
create index account_unverified_tel on account (mid) where tel is not null and not tel_verified;
create index account_unverified_mail on account (mid) where mail is not null and not mail_verified;
comment on column account.steps_dismissed is 'The member dismissed the first steps.';
comment on column account.name_changed is 'The time at which the member changed the name last.';

create table realname (
    mid bigint not null,
    status text not null,
    status_remark text,
    name bytea check (name <> ''),
    card bytea check (card <> ''),
    card_type smallint not null,
    submitted bigint not null,
    ended bigint not null,
    run_at bigint,
    review_since bigint,
    primary key (mid)
);
comment on table realname is 'Applications for real-name verification. name and card are encrypted.';
comment on column realname.status is 'waiting, verified or rejected. status_remark is the reason of a rejection.';
comment on column realname.ended is 'The end of the review, or 0 while it waits.';
create index on realname (review_since, mid) where review_since is not null;

create table password (
    mid bigint not null,
    phc text not null,
    primary key (mid)
);
comment on table password is 'Password hashes: PHC strings of Argon2.';

create table question (
    mid bigint not null,
    question bytea check (question <> ''),
    answer text not null,
    primary key (mid)
);
comment on table question is 'Security questions, encrypted, and the Argon2 hashes of their answers.';

create table factors (
    mid bigint not null,
    totp bytea check (totp <> ''),
    pending_totp bytea check (pending_totp <> ''),
    totp_step bigint not null,
    recovery_codes text[] not null,
    passkeys text not null,
    last_passkey bigint not null,
    primary key (mid)
);
comment on table factors is 'The second factors of members. The secrets of one-time codes are encrypted.';
comment on column factors.pending_totp is 'The secret that the member has not confirmed by a code yet.';
comment on column factors.totp_step is 'The step of the one-time code that was used last.';
comment on column factors.recovery_codes is 'The SHA-256 hashes of the unused recovery codes.';
comment on column factors.passkeys is 'The passkeys as JSON. Their number is bounded.';

create table login_identifier (
    hash bytea not null,
    mid bigint not null,
    primary key (hash)
);
comment on table login_identifier is 'The blind index of names, user names, phones and mail addresses: the hash of each finds its member.';

create table session (
    hash bytea not null,
    mid bigint not null,
    created bigint not null,
    expires bigint not null,
    login_method text,
    device text not null,
    ip inet,
    location text not null,
    password_proved bigint not null,
    factor_proved bigint not null,
    run_at bigint,
    review_since bigint,
    primary key (hash)
);
comment on table session is 'Sessions, by the hash of their token.';
comment on column session.password_proved is 'The time of the last proof of the password. factor_proved is that of a second factor.';
create index on session (run_at) where run_at is not null;

create table member_session (
    mid bigint not null,
    hash bytea not null,
    primary key (mid, hash)
);
comment on table member_session is 'The index of a member''s sessions.';

create table name_index (
    mid bigint not null,
    kind smallint not null,
    text text collate "C" not null,
    primary key (mid, kind, text)
);
comment on table name_index is 'The texts by which members are found: their name from any character on, and pinyin.';
create index name_index_text on name_index (kind, text, mid);
alter table name_index alter column mid set (n_distinct = -0.1);

create table login (
    mid bigint not null,
    time bigint not null,
    ip inet not null,
    method text not null,
    success boolean not null,
    device text not null,
    buvid text not null,
    location text not null,
    isp text not null,
    id bigserial not null,
    primary key (mid, time, id)
);
comment on table login is 'The login log of members: logins and failed attempts.';

create table undo (
    mid bigint not null,
    id bigint not null,
    expires bigint not null,
    change text not null,
    run_at bigint,
    review_since bigint,
    primary key (mid)
);
comment on table undo is 'The last change of a member that can be undone.';
comment on column undo.change is 'The relations before and after, and the deleted group, as JSON.';
create index on undo (run_at) where run_at is not null;

create table remark (
    mid bigint not null,
    fid bigint not null,
    text bytea check (text <> ''),
    primary key (mid, fid)
);
comment on table remark is 'The private remarks of a member on others, encrypted.';

create table remarked_by (
    mid bigint not null,
    author bigint not null,
    primary key (mid, author)
);
comment on table remarked_by is 'The authors of remarks on a member, so that they are deleted with the member.';

create table member_note (
    mid bigint not null,
    id bigint not null,
    time bigint not null,
    operator text not null,
    text bytea check (text <> ''),
    primary key (mid, id)
);
comment on table member_note is 'The notes of operators on a member, encrypted. No member sees them.';
comment on column member_note.operator is 'The name of the author''s token.';

create table latest_login (
    mid bigint not null,
    device bytea not null,
    login_mid bigint not null,
    login_time bigint not null,
    login_ip inet not null,
    login_method text not null,
    login_success boolean not null,
    login_device text not null,
    login_buvid text not null,
    login_location text not null,
    login_isp text not null,
    primary key (mid, device)
);
comment on table latest_login is 'The latest successful login of a member from each device.';

create table qr_login (
    hash bytea not null,
    claim_secret bytea not null,
    created bigint not null,
    expires bigint not null,
    device text not null,
    ip inet,
    location text not null,
    isp text not null,
    scanned_by bigint,
    confirmed boolean not null,
    confirmed_by bytea,
    run_at bigint,
    review_since bigint,
    primary key (hash)
);
comment on table qr_login is 'Pending logins by QR code.';
comment on column qr_login.claim_secret is 'The hash of the secret of the device that requested the code.';
comment on column qr_login.confirmed_by is 'The hash of the session that confirmed the login. The confirmation ends with that session.';
create index on qr_login (run_at) where run_at is not null;

create table challenge (
    hash bytea not null,
    expires bigint not null,
    mid bigint,
    password bytea,
    tries bigint not null,
    state text not null,
    run_at bigint,
    review_since bigint,
    primary key (hash)
);
comment on table challenge is 'Unfinished steps of logins and of passkeys.';
comment on column challenge.hash is 'The hash of the purpose and of the secret that only the client has.';
comment on column challenge.password is 'The hash of the verified password, so that a new one ends the login.';
comment on column challenge.state is 'The state of the passkey library as JSON, or empty.';
create index on challenge (run_at) where run_at is not null;

create table rate_limit (
    hash bytea not null,
    bucket_attempts bigint[] not null,
    bucket_locked_until bigint not null,
    bucket_lockouts bigint not null,
    expires bigint not null,
    run_at bigint,
    review_since bigint,
    primary key (hash)
);
comment on table rate_limit is 'Rate-limit buckets of accounts and client addresses, by the hash of their key.';
comment on column rate_limit.bucket_attempts is 'The times of recent attempts.';
create index on rate_limit (run_at) where run_at is not null;

create table message (
    mid bigint not null,
    id bigint not null,
    kind text not null,
    contact text not null,
    language text not null,
    address bytea check (address <> ''),
    detail bytea check (detail <> ''),
    created bigint not null,
    expires bigint not null,
    next_attempt bigint not null,
    failures bigint not null,
    error text not null,
    run_at bigint,
    review_since bigint,
    primary key (mid, id)
);
comment on table message is 'The outbox: messages to members that are not sent yet. address and detail are encrypted.';
comment on column message.id is 'A random number. All attempts to send the message have the same.';
comment on column message.detail is 'The code in the message, or the device and the place of the login that it is about.';
create index on message (run_at) where run_at is not null;

create table contact_code (
    hash bytea not null,
    code bytea not null,
    mid bigint,
    expires bigint not null,
    wrong_tries bigint not null,
    run_at bigint,
    review_since bigint,
    primary key (hash)
);
comment on table contact_code is 'Codes that were sent to phones and mail addresses, by the keyed hash of purpose and contact.';
comment on column contact_code.mid is 'The member who has the contact, or null: such a code was never sent.';
create index on contact_code (run_at) where run_at is not null;

create table pending_deletion (
    mid bigint not null,
    since bigint not null,
    run_at bigint,
    review_since bigint,
    primary key (mid)
);
comment on table pending_deletion is 'Members who are being deleted. Their rows are removed in batches.';
create index on pending_deletion (run_at) where run_at is not null;

create table leaving (
    mid bigint not null,
    since bigint not null,
    due bigint not null,
    run_at bigint,
    review_since bigint,
    primary key (mid)
);
comment on table leaving is 'Members who leave. Their deletion starts at due, unless they stay.';
create index on leaving (run_at) where run_at is not null;

create table data_export_job (
    mid bigint not null,
    claim bigint not null,
    claimed_until bigint not null,
    requested bigint not null,
    chunks bigint not null,
    run_at bigint,
    review_since bigint,
    primary key (mid)
);
comment on table data_export_job is 'Archives of members'' own data that are being made. A program makes an archive while its claim lasts.';
create index on data_export_job (run_at) where run_at is not null;

create table data_export (
    mid bigint not null,
    finished bigint not null,
    expires bigint not null,
    chunks bigint not null,
    bytes bigint not null,
    run_at bigint,
    review_since bigint,
    primary key (mid)
);
comment on table data_export is 'Finished archives of members'' own data, until they expire.';
create index on data_export (run_at) where run_at is not null;

create table data_export_chunk (
    mid bigint not null,
    part bigint not null,
    data bytea check (data <> ''),
    primary key (mid, part)
);
comment on table data_export_chunk is 'The parts of archives, encrypted.';

create table tombstone (
    mid bigint not null,
    since bigint not null,
    primary key (mid)
);
comment on table tombstone is 'Members who were deleted, since the time their deletion began. Their mids are never assigned again.';

-- Coins and events.

create table coin (
    mid bigint not null,
    time bigint not null,
    delta bigint not null,
    reason text not null,
    id bigserial not null,
    primary key (mid, time, id)
);
comment on table coin is 'The coin log of members, in tenths of a coin. The sum is the balance in counters.coins.';

create table event (
    hash bytea not null,
    content_hash bigint not null,
    time bigint not null,
    expires bigint not null,
    run_at bigint,
    review_since bigint,
    primary key (hash)
);
comment on table event is 'The ids of counted events, by their hash, so that an event counts once. content_hash detects a changed event of the same id.';
create index on event (run_at) where run_at is not null;

create table event_id_watermark (
    id bigint not null,
    time bigint not null,
    primary key (id)
);
comment on table event_id_watermark is 'The latest time of an event whose id has expired. Events up to that time are rejected.';

-- Operators and the service.

create table operator_token (
    hash bytea not null,
    role text not null,
    name text not null,
    created bigint not null,
    primary key (hash)
);
comment on table operator_token is 'Access tokens of operators, by their hash.';

create table audit (
    seq bigint not null,
    time bigint not null,
    operator text not null,
    action text not null,
    mid bigint,
    before text not null,
    after text not null,
    primary key (seq)
);
comment on table audit is 'The audit log of operators'' writes. Rows are never changed.';

create table key_fingerprint (
    id bigint not null,
    fingerprint bigint not null,
    primary key (id)
);
comment on table key_fingerprint is 'The fingerprints of the encryption keys in use. A process with other keys does not start.';

create table next_id (
    name text not null,
    value bigint not null,
    primary key (name)
);
comment on table next_id is 'The next mid, tagid and audit seq. Values are never assigned twice.';
insert into next_id (name, value) values ('mid', 1), ('tagid', 1), ('audit', 1);

create table import_progress (
    id smallint not null check (id = 0),
    rows bigint not null,
    digest bytea not null,
    primary key (id)
);
comment on table import_progress is 'One row while an import is unfinished: the number of imported rows, and their SHA-256.';
