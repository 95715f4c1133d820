create table tombstone (
    mid bigint not null,
    since bigint not null,
    primary key (mid)
);
comment on table tombstone is 'Members who left: their mids were given once, and are nobody''s. since is the second in which they began to leave.';
