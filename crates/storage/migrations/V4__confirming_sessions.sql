-- The session that said yes to a code: what it said counts for as long as it lives.
alter table qr add column by bytea;
