import { setTimeout as pause } from 'node:timers/promises';
import type { Context } from '#lib/context.ts';
import type { MailSettingsFields } from '#lib/settings/schemas.ts';
import { startFastSink } from '#tests/servers/smtp/fast-sink.ts';
import type { HostileScript } from '#tests/servers/smtp/hostile-script.ts';
import { type HostileServer, startHostileServer } from '#tests/servers/smtp/hostile.ts';
import { Desk } from './desk.ts';
import type { Endings } from './endings.ts';
import type { Innocent } from './innocent.ts';
import { Mailbox, messageIdOf } from './mailbox.ts';
import type { Outages } from './outages.ts';
import type { FaultPostgres } from './postgres.ts';
import type { Random } from './random.ts';
import { smtpInput, type SmtpChanges } from './settings.ts';
import type { SmallDiskPostgres } from './small-disk.ts';
import { startHastyWorker } from './hasty-worker.ts';
import { startWorker, type WorkerOptions, type WorkerProcess } from './worker.ts';

/** A server that takes mail until its script says otherwise. */
export interface Sink {
  readonly server: HostileServer;
  readonly port: number;
  readonly mailbox: Mailbox;
}

export interface GroundFacts {
  readonly random: Random;
  readonly isShort: boolean;
  readonly wantedRounds: number | null;
  readonly home: string;
  readonly databaseUrl: string;
  readonly ctx: Context;
  readonly endings: Endings;
  readonly outages: Outages;
  /** The project of the room that has no part in the fault. */
  readonly innocent: Pick<Innocent, 'start' | 'desk'>;
}

/** What a fault stands on: a database, what it starts there, and a record of what it did. */
export class Ground {
  readonly random: Random;
  readonly isShort: boolean;
  /** A folder for files, gone after the run. */
  readonly home: string;
  readonly databaseUrl: string;
  readonly ctx: Context;
  readonly endings: Endings;
  readonly outages: Outages;
  readonly innocent: Pick<Innocent, 'start' | 'desk'>;
  readonly desks: Desk[] = [];
  /** What a mail rightly waits here, in ms, because so many others want a turn. */
  fairShareMs = 0;
  readonly notes: string[] = [];
  readonly workers: WorkerProcess[] = [];
  readonly #living = new Set<WorkerProcess>();
  readonly #wantedRounds: number | null;

  constructor(facts: GroundFacts) {
    this.random = facts.random;
    this.isShort = facts.isShort;
    this.home = facts.home;
    this.databaseUrl = facts.databaseUrl;
    this.ctx = facts.ctx;
    this.endings = facts.endings;
    this.outages = facts.outages;
    this.innocent = facts.innocent;
    this.#wantedRounds = facts.wantedRounds;
  }

  /** How often to do it: what was asked for, or as the form has it. */
  rounds(short: number, long: number): number {
    return this.#wantedRounds ?? (this.isShort ? short : long);
  }

  /** A word for the table. */
  say(note: string): void {
    this.notes.push(note);
  }

  /** A server with this script. What it takes, or takes without an answer, is in its mailbox. */
  async startSink(script: HostileScript = {}, mailbox = new Mailbox()): Promise<Sink> {
    const server = await startHostileServer(script, ({ to, content, reply }) => {
      if (reply === '' || reply.startsWith('2')) mailbox.keep({ messageId: messageIdOf(content), to });
    });
    this.endings.add(() => server.close());
    return { server, port: server.port, mailbox };
  }

  /** A server that costs next to nothing, for many mails. */
  async startFastSink(onMail: (count: number) => void = () => undefined): Promise<Omit<Sink, 'server'>> {
    const mailbox = new Mailbox();
    const sink = await startFastSink({
      onMail: (messageId) => {
        mailbox.keep({ messageId: messageId ?? '', to: null });
        onMail(mailbox.size);
      },
    });
    this.endings.add(() => sink.close());
    return { port: sink.port, mailbox };
  }

  /** A project that sends to this server. */
  async openDesk(sink: Omit<Sink, 'server'>, changes: Omit<SmtpChanges, 'port'> = {}): Promise<Desk> {
    return await this.openDeskWith(sink.mailbox, smtpInput({ port: sink.port, ...changes }));
  }

  async openDeskWith(mailbox: Mailbox, input: MailSettingsFields): Promise<Desk> {
    const desk = await Desk.open(this.ctx, mailbox, input);
    this.desks.push(desk);
    return desk;
  }

  async startWorker(options: WorkerOptions = {}): Promise<WorkerProcess> {
    return await this.#enter(await startWorker(this.databaseUrl, this.endings, options));
  }

  /** A worker with short deadlines, which asks this file for names. */
  async startHastyWorker(namesFile: string): Promise<WorkerProcess> {
    return await this.#enter(await startHastyWorker(this.databaseUrl, this.endings, namesFile));
  }

  async #enter(worker: WorkerProcess): Promise<WorkerProcess> {
    this.workers.push(worker);
    this.#living.add(worker);
    this.outages.workerCame();
    void worker.exited.then(() => this.#living.delete(worker) && this.outages.workerLeft());
    await this.innocent.start();
    return worker;
  }

  /** SIGKILL. Whatever its lanes held waits for another worker from now on. */
  async kill(worker: WorkerProcess): Promise<void> {
    if (this.#living.delete(worker)) this.outages.workerDied();
    worker.signal('SIGKILL');
    await worker.exited;
  }

  /** SIGSTOP: to the others it is as good as dead until it is woken. */
  freeze(worker: WorkerProcess): void {
    if (this.#living.delete(worker)) this.outages.workerDied();
    worker.signal('SIGSTOP');
  }

  /** Stops the event loop of a worker that was started for it, for longer than a lease. */
  block(worker: WorkerProcess): void {
    if (this.#living.delete(worker)) this.outages.workerDied();
    process.kill(worker.pid, 'SIGUSR2');
  }

  /** SIGCONT. */
  wake(worker: WorkerProcess): void {
    worker.signal('SIGCONT');
    this.#living.add(worker);
    this.outages.workerCame();
  }

  /** A moment of chance. */
  async pauseUpTo(mostMs: number): Promise<void> {
    await pause(this.random.below(mostMs));
  }
}

/** A ground with a Postgres of its own that may be hurt. */
export class ServerGround extends Ground {
  readonly server: FaultPostgres;

  constructor(facts: GroundFacts, server: FaultPostgres) {
    super(facts);
    this.server = server;
  }
}

/** A ground whose Postgres has a disk that can be filled. */
export class SmallDiskGround extends Ground {
  readonly server: SmallDiskPostgres;

  constructor(facts: GroundFacts, server: SmallDiskPostgres) {
    super(facts);
    this.server = server;
  }
}
