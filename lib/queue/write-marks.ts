import type { Transaction } from '#db/client.ts';
import { arrayLiteral } from './array-literal.ts';
import type { LockedGround, LockedProject } from './lock-for-marks.ts';
import type { StartMark } from './start-mark.ts';

/** A mark that the limits have room for, or that passes them. */
export interface GrantedMark {
  readonly mark: StartMark;
  readonly project: LockedProject;
  /** Whether it goes beyond the limit of its protocol, and of its project. */
  readonly passed: readonly boolean[];
}

/**
 * Sets the marks and counts them in their limits, in one statement. Answers with the mails that are started: not those
 * that were taken back, have ended or were started elsewhere meanwhile.
 */
export async function writeMarks(
  tx: Transaction,
  granted: readonly GrantedMark[],
  ground: LockedGround & { readonly slot: number },
): Promise<ReadonlySet<string>> {
  if (granted.length === 0) return new Set();
  const { rows } = await tx.queryPrepared<{ message_id: string }>(markStatement, [
    arrayLiteral(granted.map(({ mark }) => mark.messageId)),
    arrayLiteral(granted.map(({ mark }) => mark.attemptId)),
    arrayLiteral(granted.map(({ mark }) => mark.settingsVersion)),
    arrayLiteral(granted.map(({ mark }) => mark.lease.generation)),
    arrayLiteral(granted.map(({ mark }) => mark.lease.workerId)),
    arrayLiteral(granted.map(({ mark }) => mark.isHigh)),
    arrayLiteral(granted.map(({ mark }) => mark.isCounted)),
    arrayLiteral(granted.map(({ mark }) => mark.isExempt)),
    arrayLiteral(granted.map(({ mark }) => mark.recipientCount)),
    arrayLiteral(granted.map(({ project }) => project.protocolScopeId)),
    arrayLiteral(granted.map(({ project }) => project.ownScopeId)),
    arrayLiteral(granted.map(({ passed }) => passed[0] ?? false)),
    arrayLiteral(granted.map(({ passed }) => passed[1] ?? false)),
    ground.scopes.map(({ id }) => id),
    ground.scopes.map(({ organizationId }) => organizationId),
    // A limited scope is locked for us alone; where nothing is limited, two workers never wait for the same row.
    ground.scopes.map(({ mailsPerDay }) => (mailsPerDay === null ? ground.slot : 0)),
    ground.moment,
  ]);
  return new Set(rows.map(({ message_id }) => message_id));
}

// The moment is that of the lock: a mail counts in the window whose room was looked at, midnight or not.
const markStatement = `
with wanted as materialized (
  select * from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::bigint[], $5::uuid[], $6::boolean[], $7::boolean[],
      $8::boolean[], $9::integer[], $10::uuid[], $11::uuid[], $12::boolean[], $13::boolean[])
    as w(message_id, attempt_id, settings_version, generation, worker_id, is_high, is_counted, is_exempt, recipients,
      protocol_scope, own_scope, passes_protocol, passes_own)
), started as (
  update mailroom.queue_entries q set attempt_id = w.attempt_id, attempt_started_at = $17::timestamptz,
    worker_id = w.worker_id, generation = w.generation, settings_version = w.settings_version,
    counted_at = case when w.is_exempt then q.counted_at else coalesce(q.counted_at, $17::timestamptz) end
  from wanted w
  where q.message_id = w.message_id and q.attempt_id is null and (q.counted_at is not null) = w.is_counted
    and (q.expires_at is null or q.expires_at > mailroom.now())
  returning q.message_id, w.is_high, w.is_counted, w.is_exempt, w.recipients, w.protocol_scope, w.own_scope,
    w.passes_protocol, w.passes_own
), counted as (
  insert into mailroom.limit_usage as u (scope_id, minute, slot, organization_id, mails, high_mails, passed, largest)
  select c.scope_id, date_trunc('minute', $17::timestamptz), o.slot, o.organization_id, count(*),
    count(*) filter (where s.is_high), count(*) filter (where c.passes), max(s.recipients)
  from started s
  cross join lateral (values (s.protocol_scope, s.passes_protocol), (s.own_scope, s.passes_own)) as c(scope_id, passes)
  join unnest($14::uuid[], $15::uuid[], $16::smallint[]) as o(scope_id, organization_id, slot) on o.scope_id = c.scope_id
  where not s.is_counted and not s.is_exempt
  group by c.scope_id, o.slot, o.organization_id order by c.scope_id
  on conflict (scope_id, minute, slot) do update set mails = u.mails + excluded.mails,
    high_mails = u.high_mails + excluded.high_mails, passed = u.passed + excluded.passed,
    largest = greatest(u.largest, excluded.largest)
)
select message_id from started`;
