import type { HeldState } from '#lib/backlog/schemas.ts';
import type { HeldTotals } from '#lib/backlog/views.ts';
import { PageHead } from '#app/_components/page-head.tsx';
import { formatCount } from '#app/_ui/format-number.ts';
import { RelativeTime } from '#app/_ui/time.tsx';
import { ExportMenu } from './export-menu.tsx';

export interface HeldHeadProps {
  readonly state: HeldState;
  readonly totals: HeldTotals;
  /** "Service desk", or null over all projects. */
  readonly projectName: string | null;
  readonly fileHref: string;
  /** Whether the reader may have whole mails. */
  readonly readsContent: boolean;
}

/** How many mails are held and since when, and the file of them. */
export function HeldHead({ state, totals, projectName, fileHref, readsContent }: HeldHeadProps) {
  const count = totals[state];
  return (
    <PageHead
      title={state === 'backlog' ? 'Backlog' : 'Suspended'}
      actions={
        count > 0 && <ExportMenu big href={fileHref} readsContent={readsContent} className="no-phone" />
      }
    >
      {state === 'backlog' ? (
        <Held totals={totals} of={projectName === null ? '' : ` of ${projectName}`} />
      ) : (
        suspendedWords(count, projectName === null ? '' : ` of ${projectName}`)
      )}
    </PageHead>
  );
}

function Held({ totals, of }: { totals: HeldTotals; of: string }) {
  const { backlog: count, oldestHeldAt } = totals;
  if (count === 0) return `No mail${of} is held.`;
  return (
    <>
      {formatCount(count, 'mail')}
      {of} {count === 1 ? 'is' : 'are'} held
      {oldestHeldAt !== null && (
        <>
          , {count === 1 ? 'for' : 'the oldest for'} <RelativeTime iso={oldestHeldAt} style="elapsed" />
        </>
      )}
      .
    </>
  );
}

function suspendedWords(count: number, of: string): string {
  const kept =
    'Suspended mails are kept for ever: nothing deletes them, they do not go out and they do not expire.';
  return count === 0
    ? kept
    : `${formatCount(count, 'mail')}${of} ${count === 1 ? 'is' : 'are'} suspended. ${kept}`;
}
