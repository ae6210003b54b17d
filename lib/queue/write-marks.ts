import type { Transaction } from '#db/client.ts';
import { arrayLiteral } from './array-literal.ts';
import type { LockedGround, LockedProject } from './lock-for-marks.ts';
import { shareRows } from './shared-rows.ts';
import type { StartMark } from './start-mark.ts';

/** A mark that the limits have room for, or that passes them. */
export interface GrantedMark {
  readonly mark: StartMark;
  readonly project: LockedProject;
  /** Whether it goes beyond the limit of its protocol, and of its project. */
  readonly passed: readonly boolean[];
}

/**
 * Sets the marks, counts them in their limits and commits, all in one. Answers with the places of those that are not
 * started: they were taken back, have ended or were started elsewhere meanwhile.
 */
export async function writeMarks(
  tx: Transaction,
  granted: readonly GrantedMark[],
  ground: LockedGround & { readonly slot: number },
): Promise<ReadonlySet<number>> {
  if (granted.length === 0) return new Set();
  const terms = shareRows(granted, termsOf);
  const { rows } = await tx.queryLast<{ place: number }>(markStatement, [
    arrayLiteral(granted.map(({ mark }) => mark.messageId)),
    arrayLiteral(granted.map(({ mark }) => mark.attemptId)),
    arrayLiteral(granted.map(({ mark }) => mark.recipientCount)),
    arrayLiteral(terms.places),
    ground.scopes.map(({ id }) => id),
    ground.scopes.map(({ organizationId }) => organizationId),
    // A limited scope is locked for us alone; where nothing is limited, two workers never wait for the same row.
    ground.scopes.map(({ mailsPerDay }) => (mailsPerDay === null ? ground.slot : 0)),
    ground.moment,
    ...termTypes.map((_, index) => arrayLiteral(terms.rows.map((row) => row[index] ?? null))),
  ]);
  return new Set(rows.map(({ place }) => place - 1));
}

/** What many marks have in common. */
function termsOf({ mark, project, passed }: GrantedMark): readonly (string | number | boolean)[] {
  return [
    mark.settingsVersion,
    mark.lease.generation,
    mark.lease.workerId,
    mark.isHigh,
    mark.isCounted,
    mark.isExempt,
    project.protocolScopeId,
    project.ownScopeId,
    passed[0] ?? false,
    passed[1] ?? false,
  ];
}

const termTypes = [
  'integer',
  'bigint',
  'uuid',
  'boolean',
  'boolean',
  'boolean',
  'uuid',
  'uuid',
  'boolean',
  'boolean',
];

// The moment is that of the lock: a mail counts in the window whose room was looked at, midnight or not.
const markStatement = `
with wanted as materialized (
  select w.place::integer, w.message_id, ($2::uuid[])[w.place] as attempt_id, ($3::integer[])[w.place] as recipients,
    ($4::integer[])[w.place] as term
  from unnest($1::uuid[]) with ordinality as w(message_id, place)
), terms as materialized (
  select * from unnest(${termTypes.map((type, index) => `$${9 + index}::${type}[]`).join(', ')})
    with ordinality as t(settings_version, generation, worker_id, is_high, is_counted, is_exempt, protocol_scope,
      own_scope, passes_protocol, passes_own, term)
), started as (
  update mailroom.queue_entries q set attempt_id = w.attempt_id, attempt_started_at = $8::timestamptz,
    worker_id = t.worker_id, generation = t.generation, settings_version = t.settings_version,
    counted_at = case when t.is_exempt then q.counted_at else coalesce(q.counted_at, $8::timestamptz) end
  from wanted w join terms t on t.term = w.term
  where q.message_id = w.message_id and q.attempt_id is null and (q.counted_at is not null) = t.is_counted
    and (q.expires_at is null or q.expires_at > mailroom.now())
  returning w.place, w.term, w.recipients
), counted as (
  insert into mailroom.limit_usage as u (scope_id, minute, slot, organization_id, mails, high_mails, passed, largest)
  select c.scope_id, date_trunc('minute', $8::timestamptz), o.slot, o.organization_id, sum(s.mails),
    coalesce(sum(s.mails) filter (where t.is_high), 0), coalesce(sum(s.mails) filter (where c.passes), 0),
    max(s.largest)
  from (select term, count(*) as mails, max(recipients) as largest from started group by term) s
  join terms t on t.term = s.term
  cross join lateral (values (t.protocol_scope, t.passes_protocol), (t.own_scope, t.passes_own)) as c(scope_id, passes)
  join unnest($5::uuid[], $6::uuid[], $7::smallint[]) as o(scope_id, organization_id, slot) on o.scope_id = c.scope_id
  where not t.is_counted and not t.is_exempt
  group by c.scope_id, o.slot, o.organization_id order by c.scope_id
  on conflict (scope_id, minute, slot) do update set mails = u.mails + excluded.mails,
    high_mails = u.high_mails + excluded.high_mails, passed = u.passed + excluded.passed,
    largest = greatest(u.largest, excluded.largest)
)
select w.place from wanted w where not exists (select from started s where s.place = w.place)`;
