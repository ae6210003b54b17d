import { z } from 'zod';

/**
 * What the test's answer carries, one JSON object a line: the steps as they happen, then how it ended. One schema for
 * the route that writes it and the panel that reads it.
 */
const stage = z.enum([
  'resolve',
  'connect',
  'proxy',
  'tls',
  'greet',
  'authenticate',
  'sender',
  'recipient',
  'content',
  'token',
  'http',
  'answer',
]);
export type TestStage = z.infer<typeof stage>;

const reply = z.object({
  code: z.number().nullable(),
  enhancedCode: z.string().nullable(),
  text: z.string(),
});
const line = z.object({
  atMs: z.number(),
  direction: z.enum(['sent', 'received', 'note']),
  text: z.string(),
});

const step = z.object({
  kind: z.literal('step'),
  stage,
  status: z.enum(['running', 'done', 'failed']),
  startedMs: z.number(),
  endedMs: z.number().nullable(),
  detail: z.string().nullable(),
});
export type StepEvent = z.infer<typeof step>;

const begun = z.object({
  kind: z.literal('begun'),
  at: z.iso.datetime(),
  to: z.string(),
  server: z.string(),
  messageId: z.string(),
});
export type BegunEvent = z.infer<typeof begun>;

const passed = z.object({
  kind: z.literal('passed'),
  reply: reply.nullable(),
  transcript: z.array(line),
});
export type PassedEvent = z.infer<typeof passed>;

const failed = z.object({
  kind: z.literal('failed'),
  stage,
  code: z.string(),
  reply: reply.nullable(),
  happened: z.string(),
  todo: z.string(),
  transcript: z.array(line),
  /** "2 of the last 3 tests failed at this step." */
  again: z.object({ failed: z.number(), of: z.number() }),
});
export type FailedEvent = z.infer<typeof failed>;

const refused = z.object({
  kind: z.literal('refused'),
  code: z.string(),
  message: z.string(),
  issues: z.array(z.object({ field: z.string(), message: z.string() })),
});
export type RefusedEvent = z.infer<typeof refused>;

export const testEvent = z.discriminatedUnion('kind', [begun, step, passed, failed, refused]);
export type TestEvent = z.infer<typeof testEvent>;
