import { changeWords } from '#lib/messages/change-words.ts';
import { holdReasonFacts, isHoldReason } from '#lib/policy/hold-reasons.ts';
import type { AttemptView, EventView } from '#lib/messages/present-detail.ts';
import type { MessageDetail } from '#lib/messages/get-message.ts';
import { eventLabels, outcomeLabels } from '#lib/messages/labels.ts';
import { formatDuration } from '#app/_ui/format-number.ts';
import { Glyph, type GlyphName, type GlyphTone } from '#app/_ui/glyph.tsx';
import { CodeBlock } from '#app/_ui/machine-words.tsx';
import { Tag } from '#app/_ui/pill.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';
import { Timeline, type TimelineItem } from '#app/_ui/timeline.tsx';
import { TryLadder } from '#app/_ui/try-ladder.tsx';
import { PanelSection } from '#app/_ui/side-panel.tsx';

const outcomeGlyphs: Record<AttemptView['outcome'], { name: GlyphName; tone: GlyphTone }> = {
  accepted: { name: 'sent', tone: 'green' },
  temporary: { name: 'retrying', tone: 'amber' },
  permanent: { name: 'failed', tone: 'red' },
  unreachable: { name: 'retrying', tone: 'amber' },
  throttled: { name: 'retrying', tone: 'amber' },
  credentials: { name: 'failed', tone: 'red' },
  uncertain: { name: 'uncertain', tone: 'amber' },
  withheld: { name: 'queued', tone: 'grey' },
};

const sourceWords: Record<MessageDetail['source'], string> = {
  api: 'through the API',
  portal: 'from the portal',
  test: 'as a test mail',
  notice: 'from Mailroom itself',
  submission: 'by SMTP',
};

/** What happened to the mail and what is expected, newest on top. */
export function MessageTimeline({ message }: { message: MessageDetail }) {
  const happened = [...message.attempts.map(attemptItem), ...message.events.map(eventItem)].toSorted((a, b) =>
    b.iso.localeCompare(a.iso),
  );
  return (
    <>
      <Ladder message={message} />
      <PanelSection>
        <Timeline
          items={[...aheadItems(message), ...happened.map(({ item }) => item), acceptedItem(message)]}
        />
      </PanelSection>
    </>
  );
}

function at(iso: string) {
  return <RelativeTime iso={iso} style="clock" />;
}

function aheadItems(message: MessageDetail): TimelineItem[] {
  const number = message.attemptCount + 1;
  if (message.inFlight !== null) {
    return [
      {
        key: 'in-flight',
        glyph: <Glyph name="sending" tone="ink" />,
        title: `Try ${number} is under way`,
        at: at(message.inFlight.startedAt),
      },
    ];
  }
  const [next] = message.plannedTries;
  if (next === undefined) return [];
  const item = {
    key: 'next',
    glyph: <Glyph name="queued" tone="grey" />,
    title: `Try ${number}`,
    ahead: true,
  };
  if (message.waiting !== null && message.waiting.until === null) {
    return [{ ...item, detail: message.waiting.explanation, at: '' }];
  }
  return [{ ...item, at: at(message.waiting?.until ?? next) }];
}

function attemptItem(attempt: AttemptView): { iso: string; item: TimelineItem } {
  const { name, tone } = outcomeGlyphs[attempt.outcome];
  const tookMs =
    attempt.endedAt === null ? null : Date.parse(attempt.endedAt) - Date.parse(attempt.startedAt);
  const words = attempt.code === foundSent ? null : serverWords(attempt);
  const { changes } = attempt;
  return {
    iso: attempt.startedAt,
    item: {
      key: attempt.id,
      glyph: <Glyph name={name} tone={tone} />,
      title: (
        <>
          {titleOf(attempt)}
          {attempt.isRepeat && (
            <>
              {' '}
              <Tag>repeat</Tag>
            </>
          )}
        </>
      ),
      detail: [
        tookMs === null ? null : `after ${formatDuration(tookMs)}`,
        attempt.endpoint === 'alternate' ? 'by the alternate server' : null,
        attempt.settingsVersion === null ? null : `settings version ${attempt.settingsVersion}`,
      ]
        .filter((part) => part !== null)
        .join(', '),
      at: at(attempt.startedAt),
      ...(words === null && changes.length === 0
        ? {}
        : { body: <AttemptBody words={words} changes={changes} /> }),
    },
  };
}

// A copy of an earlier try lay in the mailbox: nothing was handed over.
const foundSent = 'FOUND_SENT';

function titleOf({ number, outcome, code }: AttemptView): string {
  if (code === foundSent) return 'Found in the mailbox, not sent again';
  return `Try ${number}, ${outcomeLabels[outcome]}`;
}

function AttemptBody({ words, changes }: { words: string | null; changes: AttemptView['changes'] }) {
  return (
    <>
      {words !== null && <CodeBlock>{words}</CodeBlock>}
      {changes.length > 0 && (
        <ul aria-label="Changed for the protocol">
          {[...new Set(changes.map(changeWords))].map((words) => (
            <li key={words}>{words}</li>
          ))}
        </ul>
      )}
    </>
  );
}

/** What the server said, with its codes; Mailroom's own code where no answer came. */
function serverWords({ replyCode, enhancedCode, reply, code }: AttemptView): string | null {
  if (reply === null) return code;
  return [replyCode, enhancedCode, reply].filter((part) => part !== null).join(' ');
}

function eventItem(event: EventView): { iso: string; item: TimelineItem } {
  return {
    iso: event.at,
    item: {
      key: event.id,
      glyph: <Glyph name="idle" tone="grey" />,
      title: eventLabels[event.kind] ?? event.kind,
      detail: heldFor(event) ?? `by ${event.actor}`,
      at: at(event.at),
    },
  };
}

/** Why Mailroom held it; who did where a person has. */
function heldFor({ kind, detail }: EventView): string | null {
  const reason = typeof detail['reason'] === 'string' ? detail['reason'] : null;
  if (kind !== 'held' || !isHoldReason(reason) || reason === 'by_hand') return null;
  return holdReasonFacts[reason].phrase;
}

function acceptedItem(message: MessageDetail): TimelineItem {
  const key = message.apiKey === null ? '' : `, key ending in ${message.apiKey.lastFour}`;
  return {
    key: 'accepted',
    glyph: <Glyph name="captured" tone="grey" />,
    title: 'Accepted',
    detail: `${sourceWords[message.source]}${key}`,
    at: at(message.acceptedAt),
  };
}

function Ladder({ message }: { message: MessageDetail }) {
  if (message.giveUpAt === null || message.attempts.length === 0) return null;
  const acceptedMs = Date.parse(message.acceptedAt);
  const since = (iso: string): number => Date.parse(iso) - acceptedMs;
  const [next, ...later] = message.plannedTries;
  const lastMs = since(message.giveUpAt);
  const nowMs = since(message.stateAt);
  return (
    <PanelSection title={`Tries over ${overWords(lastMs)}`} end={`last at ${formatDuration(nowMs)}`}>
      <TryLadder
        label={`${message.attempts.length} tries so far; the last one would be after ${overWords(lastMs)}`}
        triedMs={message.attempts.map((attempt) => since(attempt.startedAt))}
        {...(next === undefined ? {} : { nextMs: since(next) })}
        laterMs={later.map(since)}
        nowMs={nowMs}
        endMs={lastMs}
      />
    </PanelSection>
  );
}

// The end of the schedule is a choice in hours; minutes of it are jitter.
function overWords(ms: number): string {
  const hours = Math.round(ms / 3_600_000);
  return hours === 0 ? formatDuration(ms) : `${hours} h`;
}
