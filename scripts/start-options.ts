import { isPortFree, nextFreePort } from '#db/loopback-port.ts';

/** A fault that a person can mend, said in sentences; it ends a start without a stack. */
export class StartError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StartError';
  }
}

export interface WantedPort {
  /** What the port is for, as the start of a sentence: "The portal". */
  readonly subject: string;
  readonly variable: string;
  /** The port that a person asked for; null leaves the choice. */
  readonly chosen: number | null;
  readonly usual: number;
  readonly host: string;
}

/**
 * A chosen port is taken or the start ends with a sentence; a port that nobody chose moves to the next free one,
 * which is said.
 */
export async function settlePort(wanted: WantedPort, say: (line: string) => void): Promise<number> {
  if (wanted.chosen !== null) {
    if (await isPortFree(wanted.chosen, wanted.host)) return wanted.chosen;
    throw new StartError(
      `${wanted.subject} cannot listen on port ${wanted.chosen}: another program has it. End that program, or set ${wanted.variable} to a free port.`,
    );
  }
  const port = await nextFreePort(wanted.usual, wanted.host);
  if (port !== wanted.usual) {
    say(`Port ${wanted.usual} is taken by another program, so ${wanted.subject.toLowerCase()} uses ${port}.`);
  }
  return port;
}
