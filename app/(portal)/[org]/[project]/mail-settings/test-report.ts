import type { DialogueLine } from '#app/_ui/machine-words.tsx';
import { stageWords } from './step-list.ts';
import type { FailedEvent, PassedEvent } from './test/test-events.ts';
import type { TestRun } from './use-test-run.ts';

type Transcript = PassedEvent['transcript'];

const speakers = { sent: 'us', received: 'them', note: 'note' } as const;

/** The dialogue as it is drawn, with the line that refused marked. */
export function dialogueLines(transcript: Transcript, failed: FailedEvent | null): DialogueLine[] {
  const words = failed?.reply?.text.split(/\r?\n/, 1)[0] ?? '';
  const badAt =
    words === ''
      ? -1
      : transcript.findLastIndex((line) => line.direction === 'received' && line.text.includes(words));
  return transcript.map((line, at) => ({
    atMs: line.atMs,
    from: speakers[line.direction],
    text: line.text,
    bad: at === badAt,
  }));
}

/** What the server said, with its codes: "535 5.7.8 authentication failed". */
export function replyWords(reply: PassedEvent['reply']): string {
  if (reply === null) return '';
  return [reply.code, reply.enhancedCode, reply.text]
    .filter((part) => part !== null && part !== '')
    .join(' ');
}

const arrows = { sent: '>', received: '<', note: '-' } as const;

export function dialogueText(transcript: Transcript): string {
  return transcript
    .map((line) => `${Math.round(line.atMs)} ms ${arrows[line.direction]} ${line.text}`)
    .join('\n');
}

/** The whole test as plain text, to be sent to whoever runs the server. Secrets are not in it. */
export function testReport(run: TestRun): string {
  const { begun, end } = run;
  if (begun === null || end === null || end.kind === 'refused') return '';
  const head = [
    `Test mail of ${begun.at}`,
    `Server: ${begun.server}`,
    `To: ${begun.to}`,
    `Message-ID: ${begun.messageId}`,
  ];
  const steps = run.steps.map(
    (step) =>
      `${stageWords[step.stage]}: ${step.status}, ${(step.endedMs ?? run.elapsedMs) - step.startedMs} ms`,
  );
  return [...head, '', ...steps, '', ...endLines(end), '', dialogueText(end.transcript)].join('\n');
}

function endLines(end: PassedEvent | FailedEvent): string[] {
  if (end.kind === 'passed') return [`The server took the mail: ${replyWords(end.reply)}`];
  return [
    `Failed at ${stageWords[end.stage]}: ${end.code}`,
    end.happened,
    ...(end.reply === null ? [] : [`The server said: ${replyWords(end.reply)}`]),
    `What to do: ${end.todo}`,
  ];
}
