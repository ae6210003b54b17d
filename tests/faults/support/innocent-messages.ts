import { z } from 'zod';

/** What the faults ask of the process in which innocent projects hand in their mail. */
export const innocentQuestion = z.discriminatedUnion('ask', [
  z.object({
    call: z.int(),
    ask: z.literal('open'),
    number: z.int(),
    databaseUrl: z.string(),
    organization: z.object({ id: z.string(), slug: z.string() }),
  }),
  /** It hands in mail from now on. */
  z.object({ call: z.int(), ask: z.literal('start'), number: z.int() }),
  /** It hands in no more. */
  z.object({ call: z.int(), ask: z.literal('stop'), number: z.int() }),
  /** What was accepted, and what arrived so far. */
  z.object({ call: z.int(), ask: z.literal('look'), number: z.int() }),
  z.object({ call: z.int(), ask: z.literal('close'), number: z.int() }),
]);
export type InnocentQuestion = z.infer<typeof innocentQuestion>;

export const openedInnocent = z.object({
  project: z.object({ id: z.string(), slug: z.string() }),
  laneId: z.string(),
});
export const handedIn = z.object({ accepted: z.array(z.string()), arrived: z.array(z.string()) });

export type InnocentAnswer = z.infer<typeof openedInnocent> | z.infer<typeof handedIn>;

export const innocentReply = z.object({ call: z.int(), answer: z.unknown() });
