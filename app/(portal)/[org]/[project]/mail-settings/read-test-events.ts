import { type TestEvent, testEvent } from './test/test-events.ts';

/** The events of a streamed answer, one JSON object a line; what cannot be read ends it with an error. */
export async function* readTestEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<TestEvent> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = (rest + value).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield testEvent.parse(JSON.parse(line));
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
