import type { BeforeAndAfter, LimitChangePreview } from '#lib/limits/limits-view.ts';
import { formatDuration, formatNumber } from '#app/_ui/format-number.ts';
import type { LimitSide } from './limit-rows.ts';

export interface LimitEffectProps {
  readonly side: LimitSide;
  /** Mails that this limit holds now. */
  readonly held: number;
  readonly before: number | null;
  readonly after: number | null;
  /** Null while it is being worked out. */
  readonly preview: LimitChangePreview | null;
  readonly isPending: boolean;
}

type Line = { readonly name: string; readonly values: BeforeAndAfter<string> };

function limitWord(limit: number | null): string {
  return limit === null ? 'no limit' : formatNumber(limit);
}

function each<Value>(values: BeforeAndAfter<Value>, words: (value: Value) => string): BeforeAndAfter<string> {
  return { before: words(values.before), after: words(values.after) };
}

const wait = (ms: number): string => (ms === 0 ? '–' : formatDuration(ms));
const room = (left: number | null): string => (left === null ? 'no limit' : formatNumber(left));

function lines(side: LimitSide, held: number, preview: LimitChangePreview): Line[] {
  const goOut: Line = {
    name: side === 'day' ? 'Go out on saving, by auto resume' : 'Held mails that go out on saving',
    values: { before: '–', after: formatNumber(preview.wouldGoOutNow) },
  };
  if (side === 'recipients') {
    const after = Math.max(0, held - preview.fitsRecipients);
    return [{ name: 'Held for it now', values: each({ before: held, after }, formatNumber) }, goOut];
  }
  return [
    { name: 'Days that reach it', values: each(preview.daysReached, formatNumber) },
    { name: 'Mails held', values: each(preview.mailsHeld, formatNumber) },
    { name: 'Longest wait', values: each(preview.longestWaitMs, wait) },
    { name: 'Room left today', values: each(preview.roomLeft, room) },
    goOut,
  ];
}

const waitingPreview: LimitChangePreview = {
  wouldGoOutNow: 0,
  fitsRecipients: 0,
  days: 30,
  daysReached: { before: 0, after: 0 },
  mailsHeld: { before: 0, after: 0 },
  longestWaitMs: { before: 0, after: 0 },
  roomLeft: { before: 0, after: 0 },
};

function headWords(side: LimitSide, days: number): string {
  if (side === 'recipients') return 'With a limit of';
  if (days === 0) return 'No day to look back on yet';
  return `Had it applied to the last ${days === 1 ? 'day' : `${days} days`}`;
}

/** What a limit would have done and will do, before it is saved. */
export function LimitEffect({ side, held, before, after, preview, isPending }: LimitEffectProps) {
  const known = preview ?? waitingPreview;
  const show = (words: string): string => (preview === null ? '…' : words);
  return (
    <table className="eff" aria-busy={isPending || preview === null} aria-label="Effect of the change">
      <thead>
        <tr>
          <th scope="col">{headWords(side, known.days)}</th>
          <th scope="col">{limitWord(before)}</th>
          <th scope="col">{limitWord(after)}</th>
        </tr>
      </thead>
      <tbody>
        {lines(side, held, known).map(({ name, values }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{show(values.before)}</td>
            <td>{show(values.after)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
