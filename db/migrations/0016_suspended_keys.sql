-- A suspended mail stays under its id (PRODUCT 5.7): what is kept of it is found by that, and by nothing else.
create trigger messages_suspended_id before update of id, organization_id, project_id on mailroom.messages
  for each row when (
    old.suspended_at is not null
    and (old.id, old.organization_id, old.project_id) is distinct from (new.id, new.organization_id, new.project_id)
  ) execute function mailroom.refuse_suspended_loss();
create trigger held_messages_suspended_id before update of message_id, organization_id, project_id
  on mailroom.held_messages
  for each row when (
    old.state = 'suspended'
    and (old.message_id, old.organization_id, old.project_id)
      is distinct from (new.message_id, new.organization_id, new.project_id)
  ) execute function mailroom.refuse_suspended_loss();
