import { startRealServer } from './real-server.ts';

export interface HoldingServer {
  readonly port: number;
  /** Mails that wait for an answer now. */
  readonly held: number;
  /** Mails that were taken. */
  readonly mails: number;
  /** Whether the next mail is held too. */
  holdsNext: boolean;
  /** Answers what is held. */
  release(): void;
  close(): Promise<void>;
}

/** A real server that holds its answer to the sender (MAIL FROM) or to the content (the final dot) until told. */
export async function startHoldingServer(holds: 'sender' | 'content'): Promise<HoldingServer> {
  const waiting: (() => void)[] = [];
  const state = { holdsNext: true, taken: 0 };
  const hold = (answer: () => void): void => {
    if (state.holdsNext) waiting.push(answer);
    else answer();
  };
  const take = (done: (error: null, message: string) => void): void => {
    state.taken += 1;
    done(null, '2.0.0 Ok: taken');
  };
  const server = await startRealServer({
    onMailFrom: (_address, _session, done) => (holds === 'sender' ? hold(() => done()) : done()),
    onData: (stream, _session, done) => {
      stream.resume();
      stream.on('end', () => (holds === 'content' ? hold(() => take(done)) : take(done)));
    },
  });
  return {
    port: server.port,
    get held() {
      return waiting.length;
    },
    get mails() {
      return state.taken;
    },
    get holdsNext() {
      return state.holdsNext;
    },
    set holdsNext(holdsNext: boolean) {
      state.holdsNext = holdsNext;
    },
    release: () => {
      for (const answer of waiting.splice(0)) answer();
    },
    close: () => server.close(),
  };
}
