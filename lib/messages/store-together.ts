import type { Database } from '#db/client.ts';
import { type Context, actorId } from '../context.ts';
import type { AcceptProfile } from './accept-profile.ts';
import { type MailToStore, type MessageSource, storeMails, type StoreOutcome } from './store-mails.ts';

interface Waiting {
  readonly mail: MailToStore;
  readonly resolve: (outcome: StoreOutcome) => void;
  readonly reject: (error: unknown) => void;
}

interface Group {
  readonly waiting: Waiting[];
  running: number;
}

// One transaction fills while the other commits; more would only split what a flush could share.
const maxRunning = 2;
const maxMails = 50;
const maxBytes = 2_097_152;
const groups = new WeakMap<Database, Map<string, Group>>();

/**
 * Stores one mail, in one transaction with those of the same caller that came while earlier ones were being committed:
 * a commit costs a flush however many mails it holds. A lone mail never waits. Resolves after the commit.
 */
export function storeTogether(
  ctx: Context,
  profile: AcceptProfile,
  source: MessageSource,
  mail: MailToStore,
): Promise<StoreOutcome> {
  const named = groups.get(ctx.database) ?? new Map<string, Group>();
  groups.set(ctx.database, named);
  const name = [ctx.actor.kind, actorId(ctx.actor), profile.projectId, profile.settingsVersion, source].join(
    ' ',
  );
  const group = named.get(name) ?? { waiting: [], running: 0 };
  named.set(name, group);
  return new Promise((resolve, reject) => {
    group.waiting.push({ mail, resolve, reject });
    void drain();
  });

  async function drain(): Promise<void> {
    if (group.running >= maxRunning) return;
    const batch = takeBatch(group.waiting);
    if (batch.length === 0) {
      if (group.running === 0) named.delete(name);
      return;
    }
    group.running += 1;
    await storeBatch(ctx, profile, source, batch);
    group.running -= 1;
    void drain();
  }
}

// Two calls with one idempotency key must not meet in one statement: the second waits for its turn.
function takeBatch(waiting: Waiting[]): readonly Waiting[] {
  const keys = new Set<string>();
  let bytes = 0;
  let count = 0;
  for (const { mail } of waiting) {
    const key = mail.idempotency?.key;
    bytes += mail.mail.sizeBytes;
    if (count >= maxMails || (count > 0 && bytes > maxBytes) || (key !== undefined && keys.has(key))) break;
    if (key !== undefined) keys.add(key);
    count += 1;
  }
  return waiting.splice(0, count);
}

async function storeBatch(
  ctx: Context,
  profile: AcceptProfile,
  source: MessageSource,
  batch: readonly Waiting[],
): Promise<void> {
  try {
    const outcomes = await storeMails(ctx, profile, { source, mails: batch.map(({ mail }) => mail) });
    for (const [index, { resolve }] of batch.entries()) resolve(outcomes[index] ?? { outcome: 'stale' });
  } catch (error) {
    // One mail's data must not take the others along; anything else (a refusal, a lost database) meets all alike.
    if (batch.length === 1 || !isFaultOfData(error)) for (const { reject } of batch) reject(error);
    else for (const one of batch) await storeBatch(ctx, profile, source, [one]);
  }
}

// SQLSTATE classes 22 and 23: data exception, integrity constraint violation.
function isFaultOfData(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^2[23]/.test(String(error.code));
}
