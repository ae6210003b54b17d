-- Holding all messages that match is worked off like the other actions on many.
alter table mailroom.bulk_runs drop constraint bulk_runs_kind_check, add constraint bulk_runs_kind_check check (kind in (
  'resume', 'suspend', 'return', 'try_now', 'cancel', 'hold', 'release', 'resend', 'mark_sent', 'mark_failed',
  'send_again'
));
