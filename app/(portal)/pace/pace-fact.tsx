import type { Context } from '#lib/context.ts';
import { readProjectPace } from '#lib/pools/read-project-pace.ts';
import { rateWords, slowWords } from '#lib/pools/labels.ts';
import { paths } from '#lib/paths.ts';
import { Fact, Facts } from '#app/_components/facts.tsx';
import { Glyph } from '#app/_ui/glyph.tsx';
import { Mono } from '#app/_ui/machine-words.tsx';
import { TextLink } from '#app/_ui/text-link.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';

interface PaceFactProps {
  readonly ctx: Context;
  readonly organization: string;
  readonly project: string;
}

/** What paces the project's mail at this moment and until when; nothing where nothing does. */
export async function PaceFact({ ctx, organization, project }: PaceFactProps) {
  const pace = await readProjectPace(ctx, { project });
  if (pace === null) return null;
  const { pool, stopped, nextAt } = pace;
  const slowed = slowWords(pace);
  if (stopped === null && !pace.isPaced && slowed === null) return null;
  const link = <TextLink href={paths.pool(organization, pool.id)}>Pool</TextLink>;
  if (stopped !== null) {
    return (
      <Facts>
        <Fact
          glyph={<Glyph name="retrying" tone="amber" />}
          title={
            <>
              {pool.name} asked to wait until <RelativeTime iso={stopped.until} style="clock" />.
            </>
          }
          action={link}
        >
          {stopped.reply === null ? stopped.code : <Mono>{stopped.reply}</Mono>}
        </Fact>
      </Facts>
    );
  }
  return (
    <Facts>
      <Fact glyph={<Glyph name="queued" />} title={`Paced by ${pool.name}:`} action={link}>
        {rateWords(pace.usable)}
        {pace.isPaced && nextAt !== null && (
          <>
            , next at <RelativeTime iso={nextAt} style="clock" />
          </>
        )}
        {slowed === null ? '. ' : `, ${slowed}. `}
        Mail stays queued until its turn.
      </Fact>
    </Facts>
  );
}
