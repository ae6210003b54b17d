import type { MessageDetail } from '#lib/messages/get-message.ts';
import type { WaitingReason } from '#lib/messages/labels.ts';
import { remedyFor } from '#lib/doctor/remedies.ts';
import { type BannerTone, Note } from '#app/_ui/banner.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';

/** One sentence on what this mail waits for or why it ended; nothing where all is well. */
export function MessageNote({ message }: { message: MessageDetail }) {
  switch (message.state) {
    case 'queued':
    case 'retrying':
      return <Waits message={message} />;
    case 'failed':
      return (
        <Note tone="red" glyph="failed">
          {failureWords(message)}
        </Note>
      );
    case 'uncertain':
      return (
        <Note tone="amber" glyph="uncertain">
          {doubtWords(message)}
        </Note>
      );
    case 'captured':
      return (
        <Note tone="plain" glyph="captured">
          The sending mode keeps this mail here. It leaves only when a person releases it.
        </Note>
      );
    case 'expired':
      return (
        <Note tone="plain" glyph="expired">
          Its expiry time passed before it could be sent.
        </Note>
      );
    case 'backlog':
      return (
        <Note tone="violet" glyph="backlog">
          {message.held?.explanation ?? 'A limit or a person has stopped it.'}
          {message.expiresAt !== null && (
            <>
              {' '}
              It expires <RelativeTime iso={message.expiresAt} />.
            </>
          )}
        </Note>
      );
    case 'suspended':
      return (
        <Note tone="plain" glyph="suspended">
          A person has taken it out of the backlog. It is kept for ever, and goes out only when a person puts
          it back.
        </Note>
      );
    case 'sent':
      return message.stateReason === 'MARKED_SENT' ? (
        <Note tone="plain" glyph="sent">
          A person has marked it as sent; the server never said so.
        </Note>
      ) : null;
    case 'sending':
    case 'cancelled':
      return null;
    default:
      return message.state satisfies never;
  }
}

function Waits({ message }: { message: MessageDetail }) {
  if (message.waiting !== null) {
    return (
      <Note tone={waitingTone(message.waiting.reason)} glyph="queued">
        {message.waiting.explanation}
        {message.waiting.until !== null && (
          <>
            {' '}
            It goes on <RelativeTime iso={message.waiting.until} />.
          </>
        )}
      </Note>
    );
  }
  const [next] = message.plannedTries;
  if (message.state !== 'retrying' || next === undefined) return null;
  return (
    <Note tone="amber" glyph="retrying">
      The server refused it for now. Next try at{' '}
      <b>
        <RelativeTime iso={next} style="clock" />
      </b>
      , <RelativeTime iso={next} />.
      {message.giveUpAt !== null && (
        <>
          {' '}
          Given up after <RelativeTime iso={message.giveUpAt} style="clock" />.
        </>
      )}
    </Note>
  );
}

const doubts: Readonly<Record<string, string>> = {
  HELD_BY_CHOICE: 'The project holds such mail for a person.',
  REPEATS_SPENT: 'It was sent again twice, and nobody knows of any of the tries.',
  MAIL_CRASHES_WORKER:
    'Workers ended again and again while they had it in hand, so it is not tried by itself.',
};

/** What is known of the try that put it in doubt, and what a person can do. */
function doubtWords({ lastCode, lastReply, stateReason }: MessageDetail): string {
  const why =
    lastReply !== null
      ? `The server said “${lastReply}” last.`
      : lastCode === 'WORKER_LOST'
        ? 'The worker ended before the server answered.'
        : 'The connection ended before the server answered.';
  const kept = doubts[stateReason ?? ''] ?? 'The time for its tries is over.';
  return `It may have been handed over. ${why} ${kept} Ask the recipient, then say what became of it.`;
}

function failureWords({ stateReason, lastCode }: MessageDetail): string {
  if (stateReason === 'MARKED_FAILED') {
    return 'A person has given it up, as nobody knows whether it arrived.';
  }
  if (stateReason === 'RETRY_TIME_SPENT') {
    return 'It was given up: every try failed for as long as the retry schedule allows. Send it again when the cause is mended.';
  }
  // A test address has no server behind it that a remedy could speak of.
  if (lastCode?.startsWith('MAGIC_') === true) return 'This address is for tests; it refuses every mail.';
  if (lastCode === null) return 'It could not be made ready for sending.';
  const { happened, todo } = remedyFor(lastCode);
  return `${happened} ${todo}`;
}

/** A pool's pace is nothing to mend. */
function waitingTone(reason: WaitingReason): BannerTone {
  if (reason === 'stopped') return 'red';
  return reason === 'paced' ? 'plain' : 'amber';
}
