-- Whom a member whispers and whom they block are lists too, each in the order of its times.
create index tie_hidden on tie (mid, attribute, mtime, seq, fid) where attribute <> 2;
