import type { Context } from '#lib/context.ts';
import { readFlood } from '#lib/flood/read-flood.ts';
import { readProjectPace } from '#lib/pools/read-project-pace.ts';
import { rateWords } from '#lib/pools/labels.ts';
import { paths } from '#lib/paths.ts';
import { LinkButton } from '#app/_ui/button.tsx';
import { formatNumber } from '#app/_ui/format-number.ts';
import { TextLink } from '#app/_ui/text-link.tsx';
import { PolicyRow } from '../limits/policy-panel.tsx';

interface PaceRowsProps {
  readonly ctx: Context;
  readonly organization: string;
  readonly project: string;
}

/** What else holds a project's mail back: the pool that it draws from, and the flood breaker. */
export async function PaceRows({ ctx, organization, project }: PaceRowsProps) {
  const pace = await readProjectPace(ctx, { project });
  const { thresholds } = await readFlood(ctx, { project });
  return (
    <>
      <PolicyRow
        name="Pool"
        action={
          <LinkButton
            href={pace === null ? paths.pools(organization) : paths.pool(organization, pace.pool.id)}
            aria-label="Open the pool"
          >
            Open
          </LinkButton>
        }
      >
        {pace === null ? (
          <>
            <b>None.</b> Mail goes as fast as the server takes it.{' '}
            <TextLink href={paths.pools(organization)}>Pools</TextLink>
          </>
        ) : (
          <>
            <b>{pace.pool.name}.</b> {rateWords(pace.usable)}
            {pace.usable.recipientsPerDay !== null &&
              `; ${formatNumber(pace.used.recipientsLastDay)} of ${formatNumber(pace.usable.recipientsPerDay)} recipients in 24 hours`}
            .
          </>
        )}
      </PolicyRow>
      <PolicyRow
        name="Flood breaker"
        action={
          <LinkButton href={paths.flood(organization, project)} aria-label="Open the flood breaker">
            Open
          </LinkButton>
        }
      >
        {thresholds.isOn ? (
          <>
            <b>On.</b> The same mail more than {formatNumber(thresholds.repeatsPerHour)} times an hour,
            replies among machines and sudden surges wait for a person.
          </>
        ) : (
          <>
            <b>Off.</b> Loops and floods go out as any other mail.
          </>
        )}
      </PolicyRow>
    </>
  );
}
