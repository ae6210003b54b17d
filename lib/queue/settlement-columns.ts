import { arrayLiteral, storable, textArrayLiteral } from './array-literal.ts';
import { shareRows, type SharedRows } from './shared-rows.ts';
import { type AttemptWords, attemptWords, type Settlement } from './settlement.ts';

interface EndedAttempt {
  readonly settlement: Settlement;
  readonly words: AttemptWords;
}

type Value = string | number | boolean | null;

interface Column {
  readonly name: string;
  readonly type: string;
  of(ended: EndedAttempt): Value;
}

const recipientCount = ({ settlement }: EndedAttempt, state: string): number => {
  let count = 0;
  for (const recipient of settlement.decision.recipients) if (recipient.state === state) count += 1;
  return count;
};

// What many mails of a batch have in common. One array per column: Postgres reads them several times quicker than the
// same values as JSON.
const fateColumns: readonly Column[] = [
  { name: 'organization_id', type: 'uuid', of: ({ settlement }) => settlement.organizationId },
  { name: 'project_id', type: 'uuid', of: ({ settlement }) => settlement.projectId },
  { name: 'is_marked', type: 'boolean', of: ({ settlement }) => settlement.isMarked },
  { name: 'worker_id', type: 'uuid', of: ({ settlement }) => settlement.workerId },
  { name: 'settings_version', type: 'integer', of: ({ settlement }) => settlement.settingsVersion },
  { name: 'endpoint', type: 'text', of: ({ settlement }) => settlement.endpoint },
  { name: 'number', type: 'integer', of: ({ settlement }) => settlement.number },
  { name: 'is_repeat', type: 'boolean', of: ({ settlement }) => settlement.isRepeat },
  { name: 'outcome', type: 'text', of: ({ settlement }) => settlement.outcome.kind },
  { name: 'stage', type: 'text', of: ({ words }) => words.stage },
  { name: 'code', type: 'text', of: ({ words }) => words.code },
  { name: 'reply_code', type: 'integer', of: ({ words }) => words.reply?.code ?? null },
  { name: 'enhanced_code', type: 'text', of: ({ words }) => words.reply?.enhancedCode ?? null },
  { name: 'reply', type: 'text', of: ({ words }) => storable(words.reply?.text ?? null) },
  { name: 'said', type: 'text', of: ({ words }) => storable(saidBy(words)) },
  { name: 'server_id', type: 'text', of: ({ words }) => storable(words.serverId) },
  { name: 'accepted', type: 'integer', of: ({ words }) => words.accepted },
  { name: 'refused', type: 'integer', of: ({ words }) => words.refused },
  { name: 'transcript', type: 'text', of: ({ settlement }) => transcriptText(settlement) },
  { name: 'changes', type: 'text', of: ({ settlement }) => changesText(settlement) },
  { name: 'ends', type: 'boolean', of: ({ settlement }) => settlement.decision.message.kind === 'finished' },
  { name: 'state', type: 'text', of: ({ settlement }) => settlement.decision.message.state },
  { name: 'reason', type: 'text', of: ({ settlement }) => settlement.decision.reason },
  { name: 'wait_ms', type: 'bigint', of: ({ settlement }) => waitMs(settlement) },
  { name: 'costs_try', type: 'boolean', of: ({ settlement }) => settlement.decision.costsTry },
  { name: 'waited_ms', type: 'bigint', of: ({ settlement }) => settlement.decision.waitedMs },
  { name: 'uncertain_count', type: 'smallint', of: ({ settlement }) => settlement.decision.uncertainCount },
  { name: 'newly_accepted', type: 'integer', of: (ended) => recipientCount(ended, 'accepted') },
  { name: 'crash_count', type: 'smallint', of: ({ settlement }) => settlement.crashCount },
];

const answerColumns = ['state', 'code', 'reply'];

/**
 * The parameters of a settlement as tables: `ended` (an attempt each, its `fate` by number), `fate`, `recipient` (an
 * answered recipient each, its `answer` by number) and `answer`. The slot of the counters comes behind them.
 */
export const endedAttempts = `ended as materialized (
  select e.place::integer, e.message_id, ($2::uuid[])[e.place] as attempt_id, ($3::integer[])[e.place] as fate,
    ($4::bigint[])[e.place] as started_ms, ($5::bigint[])[e.place] as ended_ms
  from unnest($1::uuid[]) with ordinality as e(message_id, place)
), recipient as materialized (
  select r.place, ($7::integer[])[r.number] as position, ($8::integer[])[r.number] as answer
  from unnest($6::integer[]) with ordinality as r(place, number)
), answer as materialized (
  select * from unnest($9::text[], $10::text[], $11::text[]) with ordinality as a(${answerColumns.join(', ')}, answer)
), fate as materialized (
  select * from unnest(${fateColumns.map(({ type }, index) => `$${12 + index}::${type}[]`).join(', ')})
    with ordinality as f(${fateColumns.map(({ name }) => name).join(', ')}, fate)
)`;
export const slotParameter = `$${12 + fateColumns.length}`;

/** One array per parameter, in their order. */
export function settlementValues(settlements: readonly Settlement[]): readonly string[] {
  const fates = shareRows(settlements, fateOf);
  const recipients = settlements.flatMap(({ decision }, index) =>
    decision.recipients.map((recipient) => ({ place: index + 1, ...recipient })),
  );
  const answers = shareRows(recipients, ({ state, code, reply }) => [state, code, storable(reply)]);
  return [
    arrayLiteral(settlements.map(({ messageId }) => messageId)),
    arrayLiteral(settlements.map(({ attemptId }) => attemptId)),
    arrayLiteral(fates.places),
    arrayLiteral(settlements.map(({ startedAt }) => startedAt.getTime())),
    arrayLiteral(settlements.map(({ endedAt }) => endedAt.getTime())),
    arrayLiteral(recipients.map(({ place }) => place)),
    arrayLiteral(recipients.map(({ position }) => position)),
    arrayLiteral(answers.places),
    ...answerColumns.map((_, index) => columnLiteral('text', answers, index)),
    ...fateColumns.map(({ type }, index) => columnLiteral(type, fates, index)),
  ];
}

function fateOf(settlement: Settlement): readonly Value[] {
  const ended = { settlement, words: attemptWords(settlement.outcome) };
  return fateColumns.map((column) => column.of(ended));
}

function columnLiteral(type: string, { rows }: SharedRows<Value>, index: number): string {
  const values = rows.map((row) => row[index] ?? null);
  if (type !== 'text') return arrayLiteral(values);
  return textArrayLiteral(values.map((value) => (value === null ? null : String(value))));
}

/** The server's whole answer, its codes before its words. */
function saidBy({ reply }: AttemptWords): string | null {
  if (reply === null) return null;
  const said = [reply.code, reply.enhancedCode, reply.text].filter((part) => part !== null && part !== '');
  return said.length === 0 ? null : said.join(' ');
}

function transcriptText({ transcript }: Settlement): string | null {
  if (transcript === null) return null;
  return JSON.stringify(transcript.map((line) => ({ ...line, text: storable(line.text) })));
}

function changesText({ outcome }: Settlement): string | null {
  if (outcome.kind !== 'accepted' || outcome.changes === undefined || outcome.changes.length === 0)
    return null;
  return JSON.stringify(outcome.changes.map(({ code, detail }) => ({ code, detail: storable(detail) })));
}

function waitMs({ decision: { message } }: Settlement): number | null {
  return message.kind === 'again' ? message.waitMs : null;
}
