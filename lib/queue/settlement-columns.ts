import { arrayLiteral } from './array-literal.ts';
import { type AttemptWords, attemptWords, type Settlement } from './settlement.ts';

interface EndedAttempt {
  readonly settlement: Settlement;
  readonly words: AttemptWords;
}

interface Column {
  readonly name: string;
  readonly type: string;
  of(ended: EndedAttempt): string | number | boolean | null;
}

const recipientCount = ({ settlement }: EndedAttempt, state: string): number => {
  let count = 0;
  for (const recipient of settlement.decision.recipients) if (recipient.state === state) count += 1;
  return count;
};

// One array per column: Postgres reads them several times quicker than the same values as JSON.
const columns: readonly Column[] = [
  { name: 'message_id', type: 'uuid', of: ({ settlement }) => settlement.messageId },
  { name: 'organization_id', type: 'uuid', of: ({ settlement }) => settlement.organizationId },
  { name: 'project_id', type: 'uuid', of: ({ settlement }) => settlement.projectId },
  { name: 'attempt_id', type: 'uuid', of: ({ settlement }) => settlement.attemptId },
  { name: 'is_marked', type: 'boolean', of: ({ settlement }) => settlement.isMarked },
  { name: 'worker_id', type: 'uuid', of: ({ settlement }) => settlement.workerId },
  { name: 'settings_version', type: 'integer', of: ({ settlement }) => settlement.settingsVersion },
  { name: 'endpoint', type: 'text', of: ({ settlement }) => settlement.endpoint },
  { name: 'started_at', type: 'timestamptz', of: ({ settlement }) => settlement.startedAt.toISOString() },
  { name: 'ended_at', type: 'timestamptz', of: ({ settlement }) => settlement.endedAt.toISOString() },
  { name: 'number', type: 'integer', of: ({ settlement }) => settlement.number },
  { name: 'is_repeat', type: 'boolean', of: ({ settlement }) => settlement.isRepeat },
  { name: 'outcome', type: 'text', of: ({ settlement }) => settlement.outcome.kind },
  { name: 'stage', type: 'text', of: ({ words }) => words.stage },
  { name: 'code', type: 'text', of: ({ words }) => words.code },
  { name: 'reply_code', type: 'integer', of: ({ words }) => words.reply?.code ?? null },
  { name: 'enhanced_code', type: 'text', of: ({ words }) => words.reply?.enhancedCode ?? null },
  { name: 'reply', type: 'text', of: ({ words }) => storable(words.reply?.text ?? null) },
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

/** The names of the columns, for `unnest(…) as e(…)`, and its parameters: the first of the statement. */
export const settlementNames = columns.map(({ name }) => name).join(', ');
export const settlementParameters = columns.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ');
export const settlementParameterCount = columns.length;

/** One array per parameter, in their order. */
export function settlementValues(settlements: readonly Settlement[]): readonly unknown[] {
  const ended = settlements.map((settlement) => ({ settlement, words: attemptWords(settlement.outcome) }));
  return columns.map((column) => {
    const values = ended.map((each) => column.of(each));
    return column.type === 'text' ? values : arrayLiteral(values);
  });
}

/** Postgres stores neither NUL nor half a surrogate pair; a server may say either. */
export function storable(text: string | null): string | null {
  return text === null ? null : text.toWellFormed().replaceAll('\0', '\uFFFD');
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
