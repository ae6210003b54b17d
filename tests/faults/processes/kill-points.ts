import { pauseSending } from '#lib/settings/pause-sending.ts';
import { resumeSending } from '#lib/settings/resume-sending.ts';
import { stall, usual, type HostileStage, type Reaction } from '#tests/servers/smtp/hostile-script.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import type { Desk } from '../support/desk.ts';
import type { Ground, Sink } from '../support/ground.ts';
import { holdStatement } from '../support/held-statement.ts';

/** Where on its way a mail is when its worker dies (facts, faults 1 to 6). */
export const killPoints = ['claim', 'started', 'envelope', 'data', 'answer', 'settle', 'anywhere'] as const;
export type KillPoint = (typeof killPoints)[number] | 'accept';

/** Mails of a project stand at one point. */
export interface Standstill {
  reached(): Promise<void>;
  release(): Promise<void>;
  /** Resolves when every mail has been answered as accepted. */
  readonly accepted: Promise<unknown>;
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

const stages = { envelope: 'rcpt', data: 'content', answer: 'endOfData' } as const;

const done = Promise.resolve();

// Insert and claim touch it before anything of theirs is written; a claim only reads, so nothing less stands in its way.
const lockRecipients = 'lock table mailroom.recipients in access exclusive mode';

export interface KillScene {
  readonly ground: Ground;
  readonly desk: Desk;
  readonly sink: StallingSink;
  /** Hands the mails in. */
  readonly accept: () => Promise<unknown>;
}

/** Hands mails in and keeps them at one point. */
export async function bringTo(point: KillPoint, scene: KillScene): Promise<Standstill> {
  const { ground, desk, sink, accept } = scene;
  const { databaseUrl } = ground;
  switch (point) {
    case 'accept': {
      const held = await holdStatement(databaseUrl, { lock: lockRecipients, from: 'mailroom-portal' });
      return { ...held, accepted: accept() };
    }
    case 'claim':
      return await whilePaused(scene, async () => {
        const held = await holdStatement(databaseUrl, { lock: lockRecipients });
        return {
          release: () => held.release(),
          reached: async () => {
            await waitUntil('a holder of the lane', () => desk.holderPid(), {
              withinMs: 30_000,
              everyMs: 10,
            });
            await held.reached();
          },
        };
      });
    case 'started': {
      const lock = 'select from mailroom.projects where id = $1 for update';
      const held = await holdStatement(databaseUrl, { lock, values: [desk.project.id] });
      await accept();
      return { ...held, accepted: done };
    }
    case 'settle':
      return await whilePaused(scene, () =>
        holdStatement(databaseUrl, {
          lock: 'select from mailroom.messages where project_id = $1 for update',
          values: [desk.project.id],
        }),
      );
    case 'envelope':
    case 'data':
    case 'answer': {
      const standing = sink.stallAt(stages[point]);
      await accept();
      return {
        reached: () => standing.reached(),
        release: async () => void sink.stallAt(null),
        accepted: done,
      };
    }
    case 'anywhere':
      await accept();
      return { reached: () => ground.pauseUpTo(300), release: () => done, accepted: done };
    default:
      return point satisfies never;
  }
}

/** What is to be held is accepted before, and nobody starts it until it is held. */
async function whilePaused(
  { ground, desk, accept }: KillScene,
  hold: () => Promise<Omit<Standstill, 'accepted'>>,
): Promise<Standstill> {
  const project = desk.project.slug;
  await pauseSending(ground.ctx, { project });
  await accept();
  const held = await hold();
  await resumeSending(ground.ctx, { project });
  desk.wake();
  return { ...held, accepted: done };
}
