-- The draft at Microsoft Graph by which a mail is proved (PRODUCT 4.8), with what it is good for: null for every mail
-- that has none. Read with the mail's claim and in no index, so that writing it costs nobody else anything.
alter table mailroom.messages add column draft text;
