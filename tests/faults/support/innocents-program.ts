/**
 * A process in which innocent projects hand in their mails and have it taken: nothing that a fault does in the process
 * of the faults keeps them waiting. Asked by messages, one after the other for each project.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { createDatabase } from '#db/client.ts';
import { startFastSink } from '#tests/servers/smtp/fast-sink.ts';
import { contextOf, testServices } from '#tests/support/factories.ts';
import { Desk } from './desk.ts';
import { type InnocentAnswer, innocentQuestion, type InnocentQuestion } from './innocent-messages.ts';
import { Mailbox } from './mailbox.ts';
import { smtpInput } from './settings.ts';

const everyMs = 250;
const maxConnections = 3;

interface Handing {
  readonly desk: Desk;
  start(): void;
  stop(): Promise<void>;
  close(): Promise<void>;
}

const projects = new Map<number, Handing>();

process.on('message', (message) => {
  const question = innocentQuestion.parse(message);
  void answer(question)
    .catch((error: unknown) => ({ fault: String(error) }))
    .then((answered) => process.send?.({ call: question.call, answer: answered }));
});
process.on('disconnect', () => process.exit(0));

async function answer(question: InnocentQuestion): Promise<InnocentAnswer> {
  if (question.ask === 'open') {
    const handing = await begin(question);
    projects.set(question.number, handing);
    const { project, laneId } = handing.desk;
    return { project, laneId };
  }
  const handing = projects.get(question.number);
  if (handing === undefined) throw new Error('no such project');
  if (question.ask === 'start') handing.start();
  if (question.ask === 'stop') await handing.stop();
  if (question.ask === 'close') await handing.close();
  const { accepted, mailbox } = handing.desk;
  return { accepted: [...accepted], arrived: mailbox.arrivals.map(({ messageId }) => messageId) };
}

async function begin({ databaseUrl, organization }: InnocentQuestion & { ask: 'open' }): Promise<Handing> {
  const database = createDatabase({ connectionString: databaseUrl, maxConnections });
  const mailbox = new Mailbox();
  const sink = await startFastSink({ onMail: (id) => mailbox.keep({ messageId: id ?? '', to: null }) });
  const ctx = contextOf(testServices(database), organization);
  const desk = await Desk.open(ctx, mailbox, smtpInput({ port: sink.port }), 'Innocent');
  const stopping = new AbortController();
  let handing: Promise<void> | null = null;
  const handIn = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      // The database is away in some faults: what it did not take is not accepted.
      await desk.accept(1).catch(() => undefined);
      await pause(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const stop = async (): Promise<void> => {
    stopping.abort();
    await handing;
  };
  return {
    desk,
    start: () => void (handing ??= handIn()),
    stop,
    close: async () => {
      await stop();
      await sink.close();
      await database.close();
    },
  };
}
