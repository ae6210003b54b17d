import { fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { asOwner } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import type { TestOrganization } from '#tests/support/factories.ts';
import type { Endings } from './endings.ts';
import { Desk } from './desk.ts';
import { handedIn, innocentReply, openedInnocent, type InnocentQuestion } from './innocent-messages.ts';
import { Mailbox } from './mailbox.ts';
import type { Wait } from './stall.ts';

/** A project that has nothing to do with the fault and sends a mail now and then, to a server that works. */
export interface Innocent {
  readonly desk: Desk;
  /** Hands in mail from now on: a worker lives that sends it. */
  start(): Promise<void>;
  /** Hands in no more. */
  stop(): Promise<void>;
  /** Resolves when what it handed in and what arrived are in its desk. */
  collect(): Promise<void>;
  /** Of each mail accepted since then its wait from its acceptance to its end, by the database's clock. */
  waits(sinceMs: number): Promise<readonly Wait[]>;
}

export interface InnocentPlace {
  readonly ctx: Context;
  readonly databaseUrl: string;
  readonly organization: TestOrganization;
  readonly endings: Endings;
}

type Asked = InnocentQuestion extends infer Each
  ? Each extends InnocentQuestion
    ? Omit<Each, 'call'>
    : never
  : never;

/** The innocent projects of all rooms, in a process of their own. */
export class Innocents {
  readonly #ask: (question: Asked) => Promise<unknown>;
  #projects = 0;

  private constructor(ask: (question: Asked) => Promise<unknown>) {
    this.#ask = ask;
  }

  static start(endings: Endings): Innocents {
    const program = fork(resolve(import.meta.dirname, 'innocents-program.ts'));
    const ended = once(program, 'exit');
    endings.add(async () => {
      if (program.connected) program.disconnect();
      await ended;
    });
    let calls = 0;
    const waiting = new Map<number, (answer: unknown) => void>();
    program.on('message', (message) => {
      const { call, answer } = innocentReply.parse(message);
      waiting.get(call)?.(answer);
      waiting.delete(call);
    });
    return new Innocents((question) => {
      calls += 1;
      const call = calls;
      const answered = new Promise((settle) => waiting.set(call, settle));
      if (!program.connected) return Promise.reject(new Error('The innocent projects have ended'));
      program.send({ ...question, call });
      return answered;
    });
  }

  /** Makes a project. */
  async open({ ctx, databaseUrl, organization, endings }: InnocentPlace): Promise<Innocent> {
    this.#projects += 1;
    const number = this.#projects;
    const { id, slug } = organization;
    const opened = await this.#ask({ ask: 'open', number, databaseUrl, organization: { id, slug } });
    endings.add(() => this.#ask({ ask: 'close', number }).catch(() => undefined));
    const { project, laneId } = openedInnocent.parse(opened);
    const mailbox = new Mailbox();
    const desk = Desk.of(ctx, { project, laneId, mailbox });
    return {
      desk,
      start: async () => void (await this.#ask({ ask: 'start', number })),
      stop: async () => void (await this.#ask({ ask: 'stop', number })),
      collect: async () => {
        const { accepted, arrived } = handedIn.parse(await this.#ask({ ask: 'look', number }));
        desk.accepted.splice(0, desk.accepted.length, ...accepted);
        for (const messageId of arrived.slice(mailbox.arrivals.length)) mailbox.keep({ messageId, to: null });
      },
      waits: (sinceMs) => readWaits(ctx, project.id, sinceMs),
    };
  }
}

async function readWaits(ctx: Context, projectId: string, sinceMs: number): Promise<readonly Wait[]> {
  const { rows } = await asOwner(ctx.database, (tx) =>
    tx.query<{ accepted_at: Date; begun_at: Date | null; answered_at: Date | null; ended_at: Date }>(
      `select m.accepted_at, a.begun_at, a.answered_at, coalesce(m.sent_at, mailroom.now()) as ended_at
       from mailroom.messages m left join (
         select message_id, max(started_at) as begun_at, max(ended_at) as answered_at
         from mailroom.attempts where project_id = $1 group by message_id
       ) a on a.message_id = m.id
       where m.project_id = $1 and m.accepted_at >= to_timestamp($2::float8 / 1000)`,
      [projectId, sinceMs],
    ),
  );
  return rows.map((row) => ({
    fromMs: row.accepted_at.getTime(),
    begunMs: row.begun_at?.getTime() ?? null,
    answeredMs: row.answered_at?.getTime() ?? null,
    toMs: row.ended_at.getTime(),
  }));
}
