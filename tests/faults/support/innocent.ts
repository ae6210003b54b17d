import { setTimeout as pause } from 'node:timers/promises';
import { asOwner } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import { startFastSink } from '#tests/servers/smtp/fast-sink.ts';
import type { Endings } from './endings.ts';
import { Desk } from './desk.ts';
import { Mailbox } from './mailbox.ts';
import type { Wait } from './stall.ts';
import { smtpInput } from './settings.ts';

/** A project that has nothing to do with the fault and sends a mail now and then, to a server that works. */
export interface Innocent {
  readonly desk: Desk;
  /** Hands in no more. */
  stop(): Promise<void>;
  /** Of each mail accepted since then its wait from its acceptance to its end, by the database's clock. */
  waits(sinceMs: number): Promise<readonly Wait[]>;
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
  return { desk, stop, waits: (sinceMs) => readWaits(ctx, desk, sinceMs) };
}

async function readWaits(ctx: Context, desk: Desk, sinceMs: number): Promise<readonly Wait[]> {
  const { rows } = await asOwner(ctx.database, (tx) =>
    tx.query<{ accepted_at: Date; begun_at: Date | null; answered_at: Date | null; ended_at: Date }>(
      `select m.accepted_at, a.begun_at, a.answered_at, coalesce(m.sent_at, mailroom.now()) as ended_at
       from mailroom.messages m left join (
         select message_id, max(started_at) as begun_at, max(ended_at) as answered_at
         from mailroom.attempts where project_id = $1 group by message_id
       ) a on a.message_id = m.id
       where m.project_id = $1 and m.accepted_at >= to_timestamp($2::float8 / 1000)`,
      [desk.project.id, sinceMs],
    ),
  );
  return rows.map((row) => ({
    fromMs: row.accepted_at.getTime(),
    begunMs: row.begun_at?.getTime() ?? null,
    answeredMs: row.answered_at?.getTime() ?? null,
    toMs: row.ended_at.getTime(),
  }));
}
