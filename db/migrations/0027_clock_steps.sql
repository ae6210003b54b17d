-- The sum of the steps back of this database's clock that were noticed, 0 or less: a step that one worker has mended is
-- none to the others.
alter table mailroom.installation add column clock_stepped_ms bigint not null default 0;
