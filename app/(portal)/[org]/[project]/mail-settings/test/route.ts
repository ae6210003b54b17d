import { z } from 'zod';
import type { Context } from '#lib/context.ts';
import { testMailSettings } from '#lib/settings/test-mail-settings.ts';
import type { MailSettingsFields } from '#lib/settings/schemas.ts';
import type { ProbeStep } from '#lib/transports/contract.ts';
import { findContext } from '#app/_server/context.ts';
import { presentError } from '#app/_server/present-error.ts';
import { portalEnvironment } from '#app/_server/services.ts';
import type { TestEvent } from './test-events.ts';

export const dynamic = 'force-dynamic';

interface TestRouteContext {
  params: Promise<{ org: string; project: string }>;
}

// A custom CA of 64 KB, the lists and the rest; nothing of a form is larger.
const largestBodyBytes = 262_144;

// What is inside `input` the verb parses, by field.
const requestBody = z.strictObject({
  input: z.custom<MailSettingsFields>((value) => typeof value === 'object').nullable(),
  to: z.string().nullable(),
  endpoint: z.enum(['primary', 'alternate']).optional(),
});

/**
 * Runs one test mail and streams its steps as they happen, one JSON object a line. Leaving the page ends it. Only our
 * own pages may call it: the session's cookie alone does not tell who asked.
 */
export async function POST(request: Request, { params }: TestRouteContext): Promise<Response> {
  if (request.headers.get('origin') !== new URL(portalEnvironment().portalUrl).origin) {
    return new Response(null, { status: 403 });
  }
  const { org, project } = await params;
  const ctx = await findContext(org);
  if (ctx === 'signed_out') return new Response(null, { status: 401 });
  if (ctx === 'not_found') return new Response(null, { status: 404 });
  const text = await request.text();
  if (text.length > largestBodyBytes) return new Response(null, { status: 413 });
  const body = requestBody.safeParse(parseJson(text));
  if (!body.success) return new Response(null, { status: 400 });
  return new Response(testStream(ctx, { project, ...body.data }, request.signal), {
    headers: {
      'content-type': 'application/x-ndjson; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    },
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface TestInput {
  project: string;
  input: MailSettingsFields | null;
  to: string | null;
  endpoint?: 'primary' | 'alternate' | undefined;
}

function testStream(ctx: Context, input: TestInput, left: AbortSignal): ReadableStream<Uint8Array> {
  const ended = new AbortController();
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async start(controller) {
      const signal = AbortSignal.any([left, ended.signal]);
      const send = (event: TestEvent): void => {
        if (!signal.aborted) controller.enqueue(encoder.encode(`${JSON.stringify(event)}\n`));
      };
      send(await runTest(ctx, input, send, signal));
      if (!signal.aborted) controller.close();
    },
    cancel: () => ended.abort(),
  });
}

async function runTest(
  ctx: Context,
  input: TestInput,
  send: (event: TestEvent) => void,
  signal: AbortSignal,
): Promise<TestEvent> {
  try {
    const observer = {
      begun: ({ at, ...test }: { at: Date; to: string; server: string; messageId: string }) =>
        send({ kind: 'begun', at: at.toISOString(), ...test }),
      step: (step: ProbeStep) => send(stepEvent(step)),
    };
    const { result, again } = await testMailSettings(ctx, input, observer, signal);
    const transcript = [...result.transcript];
    if (result.ok) return { kind: 'passed', reply: result.reply, transcript };
    const { stage, code, reply } = result.fault;
    return { kind: 'failed', stage, code, reply, ...result.remedy, transcript, again };
  } catch (error) {
    const { code, message, issues } = presentError(error, ctx.log, 'testMailSettings');
    return { kind: 'refused', code, message, issues: [...issues] };
  }
}

function stepEvent(step: ProbeStep): TestEvent {
  const { stage, status, startedMs } = step;
  return {
    kind: 'step',
    stage,
    status,
    startedMs,
    endedMs: step.status === 'running' ? null : step.endedMs,
    detail: step.status === 'done' ? step.detail : null,
  };
}
