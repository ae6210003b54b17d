import type { attempts, messageEvents, recipients } from '#db/schema/messages.ts';
import { z } from 'zod';
import type { TranscriptLine } from '../transports/contract.ts';
import type { ShownChange } from './change-words.ts';
import type { RecipientState } from './labels.ts';
import { isoOrNull } from './present-message.ts';

const transcript = z
  .array(z.object({ atMs: z.number(), direction: z.enum(['sent', 'received', 'note']), text: z.string() }))
  .nullable();

const changes = z.array(z.object({ code: z.string(), detail: z.string() })).nullable();

/** One envelope recipient with its own result. */
export interface RecipientView {
  readonly address: string;
  readonly kind: 'to' | 'cc' | 'bcc' | 'envelope';
  readonly state: RecipientState;
  readonly code: string | null;
  readonly reply: string | null;
  readonly changedAt: string | null;
}

/** One try to hand the message to a server, with the server's words. */
export interface AttemptView {
  readonly id: string;
  readonly number: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly outcome: (typeof attempts.$inferSelect)['outcome'];
  readonly stage: string | null;
  readonly code: string | null;
  readonly replyCode: number | null;
  readonly enhancedCode: string | null;
  readonly reply: string | null;
  readonly serverId: string | null;
  readonly endpoint: string | null;
  readonly workerId: string | null;
  readonly settingsVersion: number | null;
  readonly recipientsAccepted: number;
  readonly recipientsRefused: number;
  readonly isRepeat: boolean;
  /** What the protocol could not carry as it was. */
  readonly changes: readonly ShownChange[];
  /** The protocol dialogue, kept while e-mail debug was on; null for those who may not read content. */
  readonly transcript: readonly TranscriptLine[] | null;
}

/** What people did to it. */
export interface EventView {
  readonly id: string;
  readonly at: string;
  readonly kind: string;
  readonly actor: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export function presentRecipient(row: typeof recipients.$inferSelect): RecipientView {
  const { address, kind, state, code, reply } = row;
  return { address, kind, state, code, reply, changedAt: isoOrNull(row.changedAt) };
}

export function presentAttempt(row: typeof attempts.$inferSelect, mayReadContent: boolean): AttemptView {
  return {
    id: row.id,
    number: row.number,
    startedAt: row.startedAt.toISOString(),
    endedAt: isoOrNull(row.endedAt),
    outcome: row.outcome,
    stage: row.stage,
    code: row.code,
    replyCode: row.replyCode,
    enhancedCode: row.enhancedCode,
    reply: row.reply,
    serverId: row.serverId,
    endpoint: row.endpoint,
    workerId: row.workerId,
    settingsVersion: row.settingsVersion,
    recipientsAccepted: row.recipientsAccepted,
    recipientsRefused: row.recipientsRefused,
    isRepeat: row.repeat,
    // What they concern, an address of a header or the name of a file, is content.
    changes: (changes.parse(row.changes) ?? []).map(({ code, detail }) => ({
      code,
      detail: mayReadContent ? detail : null,
    })),
    transcript: mayReadContent ? transcript.parse(row.transcript) : null,
  };
}

export function presentEvent(row: Omit<typeof messageEvents.$inferSelect, 'messageId'>): EventView {
  const detail = typeof row.detail === 'object' && row.detail !== null ? { ...row.detail } : {};
  return { id: row.id, at: row.at.toISOString(), kind: row.kind, actor: row.actorLabel, detail };
}
