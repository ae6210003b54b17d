import type { Metadata } from 'next';
import { can } from '#lib/access/can.ts';
import { type FleetView, readFleet } from '#lib/queue/read-fleet.ts';
import { PageHead, SectionHead } from '#app/_components/page-head.tsx';
import { WorkArea } from '#app/_components/work-area.tsx';
import { requireContext } from '#app/_server/context.ts';
import { EmptyState } from '#app/_ui/empty-state.tsx';
import { FiguresStrip, type Figure } from '#app/_ui/figures-strip.tsx';
import { formatNumber } from '#app/_ui/format-number.ts';
import { MinuteChart } from '#app/_ui/minute-chart.tsx';
import { whyNot } from '../../../permission-words.ts';
import { KeepFresh } from './keep-fresh.tsx';
import { rateWords } from './worker-words.ts';
import { WorkersTable } from './workers-table.tsx';

export const metadata: Metadata = { title: 'Fleet' };

/** The workers of the installation: which are alive, what they hold, how fast they send. */
export default async function FleetPage({ params }: { params: Promise<{ org: string }> }) {
  const { org } = await params;
  const ctx = await requireContext(org);
  if (!can(ctx.actor, 'fleet.read', null)) {
    return (
      <WorkArea>
        <PageHead title="Fleet" />
        <EmptyState kind="no-permission" title="You may not see the fleet">
          {whyNot('fleet.read')}
        </EmptyState>
      </WorkArea>
    );
  }
  const fleet = await readFleet(ctx);
  return (
    <WorkArea>
      <KeepFresh />
      <PageHead title="Fleet">
        The workers that send for all organizations of this installation. A worker beats every 2 s; after 8 s
        of silence it is lost, and others take its lanes over.
      </PageHead>
      <FiguresStrip figures={figures(fleet)} />
      {fleet.workers.length === 0 ? (
        <EmptyState kind="nothing-yet" title="No worker has run yet">
          Mail is accepted and waits. Start a worker on this or another machine, with the same database and
          the same keys; it appears here within seconds.
        </EmptyState>
      ) : (
        <WorkersTable workers={fleet.workers} />
      )}
      <section aria-labelledby="rate">
        <SectionHead id="rate" title="Mails sent a minute" note="by all workers, in the last hour" ruled />
        <MinuteChart
          minutes={fleet.minutes}
          label="Mails sent by all workers in each minute of the last hour"
        />
      </section>
    </WorkArea>
  );
}

function figures({ workers, minutes }: FleetView): Figure[] {
  const atWork = workers.filter(({ state }) => state === 'alive' || state === 'silent');
  const lost = workers.filter(({ state }) => state === 'lost').length;
  return [
    {
      label: 'Workers alive',
      value: formatNumber(atWork.length),
      ...(atWork.length === 0 ? { tone: 'red' } : {}),
    },
    { label: 'Lanes held', value: formatNumber(sum(atWork.map(({ lanesHeld }) => lanesHeld))) },
    { label: 'Mails a second', value: rateWords(sum(atWork.map(({ sentPerSecond }) => sentPerSecond))) },
    { label: 'Mails in the last hour', value: formatNumber(sum(minutes.map(({ sent }) => sent))) },
    { label: 'Lost in the last day', value: formatNumber(lost), ...(lost > 0 ? { tone: 'amber' } : {}) },
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
