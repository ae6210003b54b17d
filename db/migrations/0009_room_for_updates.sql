-- A batch marks and settles whole pages of rows at a time. Only where the page has room for every new version at once
-- do the indexes stay as they are; without, each changed recipient cost two index entries on pages all over the table.
alter table mailroom.recipients set (fillfactor = 50);
alter table mailroom.queue_entries set (fillfactor = 45);
