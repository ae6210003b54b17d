-- A trigger before the update makes every update lock its row once more, whether it fires or not. These fire seldom,
-- and what they do can be done afterwards.
drop trigger messages_suspended_state on mailroom.messages;
create trigger messages_suspended_state after update of state, suspended_at on mailroom.messages
  for each row when (
    (old.state = 'suspended' and new.state not in ('suspended', 'backlog'))
    or (old.suspended_at is not null and new.suspended_at is null)
  ) execute function mailroom.refuse_suspended_loss();

drop trigger messages_suspended_id on mailroom.messages;
create trigger messages_suspended_id after update of id, organization_id, project_id on mailroom.messages
  for each row when (
    old.suspended_at is not null
    and (old.id, old.organization_id, old.project_id) is distinct from (new.id, new.organization_id, new.project_id)
  ) execute function mailroom.refuse_suspended_loss();

-- The backlog stops a mail's clock where it stands; whoever lets the mail go starts it again.
create function mailroom.turn_give_up_clock() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if new.state = 'backlog' then
    update mailroom.messages m set
      waited_ms = mailroom.tried_ms(
        old.waited_ms, old.waited_from, old.halted_from_ms, coalesce(old.next_attempt_at, mailroom.now()),
        old.project_id),
      waited_from = null, halted_from_ms = null
    where m.id = new.id;
  else
    update mailroom.messages m set
      waited_from = mailroom.now(), halted_from_ms = mailroom.halted_ms(new.project_id)
    where m.id = new.id;
  end if;
  return null;
end
$$;
drop trigger messages_hold_clock on mailroom.messages;
create trigger messages_hold_clock after update of state on mailroom.messages
  for each row when (
    (new.state = 'backlog' and old.waited_from is not null) or (old.state = 'backlog' and new.state = 'retrying')
  ) execute function mailroom.turn_give_up_clock();
drop function mailroom.hold_give_up_clock();
revoke execute on function mailroom.turn_give_up_clock() from public;
