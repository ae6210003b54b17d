import { Fact } from '#app/_components/facts.tsx';
import { formatNumber } from '#app/_ui/format-number.ts';
import { Glyph } from '#app/_ui/glyph.tsx';
import { TextLink } from '#app/_ui/text-link.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';

/** A daily limit that is spent. */
export interface SpentLimit {
  /** "limit", or "SMTP limit" where several are shown. */
  readonly name: string;
  readonly used: number;
  readonly limit: number;
  /** Mails of it that only high priority may still use. */
  readonly reserved: number;
  /** When the window ends, as an ISO instant; null for one that rolls. */
  readonly endsAt: string | null;
}

/** That a daily limit is spent, and when there is room again. */
export function LimitFact({ spent, href }: { spent: SpentLimit; href: string }) {
  return (
    <Fact
      glyph={<Glyph name="backlog" tone="violet" />}
      title={`Today's ${spent.name} is reached: ${formatNumber(spent.used)} of ${formatNumber(spent.limit)}.`}
      action={<TextLink href={href}>Limits</TextLink>}
    >
      {spent.reserved > 0 &&
        `The ${formatNumber(spent.reserved)} left are set aside for mail of high priority. `}
      {spent.endsAt === null ? (
        'Room appears as mail of the last 24 hours leaves the count.'
      ) : (
        <>
          Sending pauses until midnight, <RelativeTime iso={spent.endsAt} />.
        </>
      )}
    </Fact>
  );
}
