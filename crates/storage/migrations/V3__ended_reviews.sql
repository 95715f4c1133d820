-- A review that ended is kept, with when: 0 for one that waits, and for one that ended before this was kept. What a member has
-- seen of it is kept too.
alter table sign add column ended bigint not null default 0;
alter table realname add column ended bigint not null default 0;
alter table account add column seen bigint not null default 0;
comment on table sign is 'The sign that each member submitted last: it waits for its review, or that ended, in the second that ended says; rejected is why not.';
