-- Attempts are only ever looked for by their message, and each costs a place in every index: one key instead of two.
alter table mailroom.attempts drop constraint attempts_pkey;
alter table mailroom.attempts add constraint attempts_pkey primary key (message_id, id);
drop index mailroom.attempts_message;
