import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { can } from '#lib/access/can.ts';
import { listPools, type PoolView } from '#lib/pools/list-pools.ts';
import { rateWords, slowWords } from '#lib/pools/labels.ts';
import { paths } from '#lib/paths.ts';
import { PageHead } from '#app/_components/page-head.tsx';
import { PageCrumb } from '#app/_components/shell-context.tsx';
import { WorkArea } from '#app/_components/work-area.tsx';
import { requireContext } from '#app/_server/context.ts';
import { readOverview } from '#app/_server/overview.ts';
import { formatCount, formatNumber } from '#app/_ui/format-number.ts';
import { FiguresStrip, type Figure } from '#app/_ui/figures-strip.tsx';
import { LinkButton } from '#app/_ui/button.tsx';
import { EmptyState } from '#app/_ui/empty-state.tsx';
import { Mono } from '#app/_ui/machine-words.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';
import { whyNot } from '../../../../permission-words.ts';
import { EndPool } from '../end-pool.tsx';
import { PoolForm } from '../pool-form.tsx';
import { valuesOf } from '../pool-values.ts';
import { projectChoices } from '../project-choices.ts';

export const metadata: Metadata = { title: 'Pool' };

interface PoolPageProps {
  params: Promise<{ org: string; pool: string }>;
}

/** One pool: what it does now, and its figures. */
export default async function PoolPage({ params }: PoolPageProps) {
  const { org, pool: id } = await params;
  const ctx = await requireContext(org);
  const pools = await listPools(ctx);
  const pool = pools.find((each) => each.id === id) ?? notFound();
  const { projects } = await readOverview(ctx);
  return (
    <WorkArea>
      <PageCrumb label={pool.name} />
      <PageHead
        title={pool.name}
        actions={
          <LinkButton big href={paths.pools(org)}>
            All pools
          </LinkButton>
        }
      >
        <PaceSentence pool={pool} />
      </PageHead>
      <FiguresStrip figures={figuresOf(pool)} />
      {can(ctx.actor, 'limits.write', null) ? (
        <div className="pt-4">
          <PoolForm
            key={`${pool.version} ${pool.projects.map(({ slug }) => slug).join(' ')}`}
            organization={org}
            pool={{ id: pool.id, version: pool.version }}
            saved={valuesOf(pool)}
            projects={projectChoices(projects, pools, pool.id)}
          />
          <EndPool
            organization={org}
            pool={{ id: pool.id, name: pool.name, projects: pool.projects.length }}
          />
        </div>
      ) : (
        <EmptyState kind="no-permission" title="Pools are for owners and administrators">
          {whyNot('limits.write')}
        </EmptyState>
      )}
    </WorkArea>
  );
}

function PaceSentence({ pool }: { pool: PoolView }) {
  const { stopped, nextAt } = pool;
  if (stopped !== null) {
    return (
      <>
        The provider asked to wait until <RelativeTime iso={stopped.until} style="clock" />
        {stopped.reply === null ? '.' : ': '}
        {stopped.reply !== null && <Mono>{stopped.reply}</Mono>}
      </>
    );
  }
  const slowed = slowWords(pool);
  return (
    <>
      {pool.isPacing && nextAt !== null ? (
        <>
          Pacing {formatCount(pool.projects.length, 'project')} at {rateWords(pool.usable)}; the next mail
          goes at <RelativeTime iso={nextAt} style="clock" />
        </>
      ) : (
        `Lets through ${rateWords(pool.usable)}; nothing waits for it`
      )}
      {slowed === null ? '.' : `, ${slowed}.`}
    </>
  );
}

function figuresOf({ used, usable }: PoolView): Figure[] {
  return [
    { label: 'Last minute', value: `${formatNumber(used.mailsLastMinute)}${of(usable.mailsPerMinute)}` },
    { label: 'Last hour', value: `${formatNumber(used.mailsLastHour)}${of(usable.mailsPerHour)}` },
    {
      label: 'Recipients in 24 hours',
      value: `${formatNumber(used.recipientsLastDay)}${of(usable.recipientsPerDay)}`,
      tone:
        usable.recipientsPerDay !== null && used.recipientsLastDay >= usable.recipientsPerDay
          ? 'violet'
          : undefined,
    },
    { label: 'Connections', value: `${formatNumber(used.connections)}${of(usable.connections)}` },
  ];
}

function of(limit: number | null): string {
  return limit === null ? '' : ` of ${formatNumber(Math.floor(limit))}`;
}
