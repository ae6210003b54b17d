import { stall, usual, type HostileStage, type Reaction } from '#tests/servers/smtp/hostile-script.ts';
import type { Desk } from '../support/desk.ts';
import type { Ground, Sink } from '../support/ground.ts';
import { holdStatement } from '../support/held-statement.ts';

/** Where on its way a mail is when its worker dies (facts, faults 1 to 6). */
export const killPoints = ['claim', 'started', 'envelope', 'data', 'answer', 'settle', 'anywhere'] as const;
export type KillPoint = (typeof killPoints)[number];

/** Brings mails of a project to one point and keeps them there. */
export interface Standstill {
  reached(): Promise<void>;
  release(): Promise<void>;
}

/** A server that can be told to go silent at one stage. */
export interface StallingSink extends Sink {
  stallAt(stage: HostileStage | null): { reached(): Promise<void> };
}

function nothing(): void {}

export async function startStallingSink(ground: Ground): Promise<StallingSink> {
  let stage: HostileStage | null = null;
  let tell = nothing;
  const at = (own: HostileStage) => (): Reaction => {
    if (stage !== own) return usual;
    tell();
    return stall;
  };
  const sink = await ground.startSink({
    reactions: { rcpt: at('rcpt'), content: at('content'), endOfData: at('endOfData') },
  });
  return {
    ...sink,
    stallAt(next) {
      stage = next;
      const reached = new Promise<void>((resolve) => {
        tell = resolve;
      });
      return { reached: () => reached };
    },
  };
}

const stalls: Partial<Record<KillPoint, HostileStage>> = {
  envelope: 'rcpt',
  data: 'content',
  answer: 'endOfData',
};

/** What must be in place before the mails are accepted. */
export async function standstill(
  point: KillPoint,
  ground: Ground,
  desk: Desk,
  sink: StallingSink,
): Promise<Standstill> {
  const stage = stalls[point];
  if (stage !== undefined) {
    const standing = sink.stallAt(stage);
    return {
      reached: () => standing.reached(),
      release: async () => {
        sink.stallAt(null);
      },
    };
  }
  switch (point) {
    case 'claim':
      // A claim only reads: only a lock on the whole table stands in its way.
      return holdStatement(ground.databaseUrl, 'lock table mailroom.recipients in access exclusive mode');
    case 'started':
      return holdStatement(ground.databaseUrl, 'select from mailroom.projects where id = $1 for update', [
        desk.project.id,
      ]);
    case 'settle':
      return holdStatement(
        ground.databaseUrl,
        'select from mailroom.messages where project_id = $1 for update',
        [desk.project.id],
      );
    case 'anywhere':
    case 'envelope':
    case 'data':
    case 'answer':
      return { reached: () => ground.pauseUpTo(300), release: () => Promise.resolve() };
    default:
      return point satisfies never;
  }
}
