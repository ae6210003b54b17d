-- People search an address as they remember it, whatever its case. Row-level security lets only leakproof functions use
-- an index, and `lower` is none: this looks them up as the owner and ties its answer to the tenant itself.
create index recipients_address_beginning
  on mailroom.recipients (project_id, lower(address) text_pattern_ops, message_id);
drop index mailroom.recipients_address;
create function mailroom.messages_to(wanted_projects uuid[], beginning text, most integer) returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off
as $$
  select r.message_id from mailroom.recipients r
  where r.project_id = any (wanted_projects) and lower(r.address) ~>=~ lower(beginning)
    and lower(r.address) ~<~ (lower(beginning) || chr(1114111))
    and r.organization_id = mailroom.current_organization()
  limit most
$$;
revoke execute on function mailroom.messages_to(uuid[], text, integer) from public;
grant execute on function mailroom.messages_to(uuid[], text, integer) to mailroom_app;

-- What a limit of the day holds is most of a backlog, and a list of it soon has its page. The other reasons are rare:
-- a list of one of them would walk over all the rest, or read and sort all that it holds.
create index held_messages_rare_held on mailroom.held_messages (project_id, state, reason, held_at, message_id)
  where reason <> 'day_limit';
create index held_messages_rare_size on mailroom.held_messages (project_id, state, reason, size_bytes, message_id)
  where reason <> 'day_limit';
create index held_messages_rare_recipients
  on mailroom.held_messages (project_id, state, reason, recipient_count, message_id)
  where reason <> 'day_limit';
create index held_messages_rare_expiry on mailroom.held_messages (project_id, state, reason, expires_at, message_id)
  where reason <> 'day_limit';
