import { setTimeout as pause } from 'node:timers/promises';
import { asOwner } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import { startFastSink } from '#tests/servers/smtp/fast-sink.ts';
import type { Endings } from './endings.ts';
import { Desk } from './desk.ts';
import { Mailbox } from './mailbox.ts';
import type { Outages } from './outages.ts';
import { smtpInput } from './settings.ts';

/** A project that has nothing to do with the fault and sends a mail now and then, to a server that works. */
export interface Innocent {
  readonly desk: Desk;
  /** Hands in no more. */
  stop(): Promise<void>;
  /**
   * The longest wait of one of its mails from its acceptance to its end, by the database's clock, beyond one and a half
   * times its fair share (the median wait) and outside of outages. In ms; null where too few were sent to tell.
   */
  longestStall(outages: Outages, sinceMs: number): Promise<number | null>;
}

const everyMs = 250;

export async function startInnocent(ctx: Context, endings: Endings): Promise<Innocent> {
  const mailbox = new Mailbox();
  const sink = await startFastSink({ onMail: (id) => mailbox.keep({ messageId: id ?? '', to: null }) });
  endings.add(() => sink.close());
  const desk = await Desk.open(
    ctx,
    mailbox,
    smtpInput({ port: sink.port, connection: { maxConnections: 2 } }),
  );
  const stopping = new AbortController();
  const handing = (async () => {
    while (!stopping.signal.aborted) {
      // The database is away in some faults: what it did not take is not accepted.
      await desk.accept(1).catch(() => undefined);
      await pause(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  const stop = async (): Promise<void> => {
    stopping.abort();
    await handing;
  };
  endings.add(stop);
  return { desk, stop, longestStall: (outages, sinceMs) => longestStall(ctx, desk, outages, sinceMs) };
}

async function longestStall(
  ctx: Context,
  desk: Desk,
  outages: Outages,
  sinceMs: number,
): Promise<number | null> {
  const { rows } = await asOwner(ctx.database, (tx) =>
    tx.query<{ accepted_at: Date; ended_at: Date }>(
      `select accepted_at, coalesce(sent_at, mailroom.now()) as ended_at from mailroom.messages
       where project_id = $1 and accepted_at >= to_timestamp($2::float8 / 1000)`,
      [desk.project.id, sinceMs],
    ),
  );
  const waits = rows.map(({ accepted_at, ended_at }) =>
    outages.outside(accepted_at.getTime(), ended_at.getTime()),
  );
  const sorted = waits.toSorted((a, b) => a - b);
  const fairMs = sorted[Math.floor(sorted.length / 2)];
  const longestMs = sorted.at(-1);
  if (fairMs === undefined || longestMs === undefined || sorted.length < 5) return null;
  return Math.max(0, longestMs - 1.5 * fairMs);
}
