import type { ResumePreview } from '#lib/backlog/views.ts';
import { formatCount, formatNumber } from '#app/_ui/format-number.ts';

const waitingWords = {
  archived: 'is archived',
  not_set_up: 'has no mail settings',
  paused: 'is paused',
  stopped: 'is stopped: its server refuses',
  waiting: 'waits for its server',
} as const satisfies Record<ResumePreview['waiting'][number]['reason'], string>;

/** The sentence under "Resume … now?": which limit is passed, and what stays. `chosen` is how many were selected. */
export function resumeEffect(preview: ResumePreview, chosen: number): string {
  const leftOut = Math.max(0, chosen - preview.mails);
  return [limitSentence(preview), leftOutSentence(leftOut, preview.quotaHeld)]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function limitSentence({ mails, passedBy, limit, usedToday }: ResumePreview): string {
  if (mails === 0) return 'None of them can go out now.';
  const go = mails === 1 ? 'It goes' : 'They go';
  if (passedBy === 0 || limit === null) {
    return mails === 1
      ? 'It goes out now, in its turn. No daily limit is passed.'
      : 'They go out now, each in its turn. No daily limit is passed.';
  }
  return (usedToday ?? 0) >= limit
    ? `${go} out although today's limit is reached.`
    : `${go} out although today's limit has not enough room for all of them.`;
}

function leftOutSentence(leftOut: number, quotaHeld: number): string {
  if (leftOut === 0) return '';
  const why =
    quotaHeld > 0 ? `: the provider's quota that holds ${quotaHeld === 1 ? 'it' : 'them'} is spent` : '';
  return leftOut === 1
    ? `The 1 left out stays in the backlog${why}.`
    : `The ${formatNumber(leftOut)} left out stay in the backlog${why}.`;
}

const leastPercent = 0.1;

/** "1,281 mails (6.4%)". */
export function passedWords({ passedBy, percent }: ResumePreview): string {
  const share = percent < leastPercent ? `under ${leastPercent}%` : `${percent}%`;
  return `${formatCount(passedBy, 'mail')} (${share})`;
}

/** The button: "Resume 1,281, pass the limit by 1,281". */
export function resumeLabel({ mails, passedBy }: ResumePreview): string {
  const base = `Resume ${formatNumber(mails)}`;
  return passedBy === 0 ? base : `${base}, pass the limit by ${formatNumber(passedBy)}`;
}

/** What else a person should know: recipients, minutes, too many recipients, projects that wait on. */
export function resumeNotes(preview: ResumePreview, minutes: number | null): string[] {
  const { recipients, overRecipients, waiting } = preview;
  const pace = minutes === null ? '' : `, done in about ${formatNumber(Math.max(1, Math.ceil(minutes)))} min`;
  return [
    `To ${formatCount(recipients, 'recipient')}${pace}. A provider may have limits of its own; what it refuses for now is tried again.`,
    ...reserveNote(preview),
    ...(overRecipients === null
      ? []
      : [
          `${formatCount(overRecipients.mails, 'mail')} ${overRecipients.mails === 1 ? 'passes' : 'pass'} the limit of ${formatNumber(overRecipients.limit)} recipients; the largest has ${formatNumber(overRecipients.largest)}.`,
        ]),
    ...waiting.map(
      ({ project, mails, reason }) =>
        `${project.name} ${waitingWords[reason]}: ${formatCount(mails, 'mail')} of these ${mails === 1 ? 'waits' : 'wait'} on in its queue.`,
    ),
  ];
}

// Normal mail that fits the limit alone would use what is kept for mail of high priority.
function reserveNote({ limits }: ResumePreview): string[] {
  const mails = Math.max(0, ...limits.map(({ heldAgain, passedBy }) => heldAgain - passedBy));
  if (mails === 0) return [];
  return [
    `${formatCount(mails, 'mail')} ${mails === 1 ? 'uses' : 'use'} what is set aside for high priority.`,
  ];
}
