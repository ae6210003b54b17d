import type { Metadata } from 'next';
import { can } from '#lib/access/can.ts';
import { readFlood } from '#lib/flood/read-flood.ts';
import { paths } from '#lib/paths.ts';
import { PageHead, SectionHead } from '#app/_components/page-head.tsx';
import { PageCrumb } from '#app/_components/shell-context.tsx';
import { WorkArea } from '#app/_components/work-area.tsx';
import { requireContext } from '#app/_server/context.ts';
import { requireProject } from '#app/_server/overview.ts';
import { LinkButton } from '#app/_ui/button.tsx';
import { EmptyState } from '#app/_ui/empty-state.tsx';
import { formatCount } from '#app/_ui/format-number.ts';
import { whyNot } from '../../../permission-words.ts';
import { AllowancesTable } from './allowances-table.tsx';
import { FloodForm } from './flood-form.tsx';

export const metadata: Metadata = { title: 'Flood breaker' };

interface FloodPageProps {
  params: Promise<{ org: string; project: string }>;
}

/** From when on mail of the project is held as a loop or flood, and what people let through. */
export default async function FloodPage({ params }: FloodPageProps) {
  const { org, project: slug } = await params;
  const ctx = await requireContext(org);
  const project = await requireProject(ctx, slug);
  const { thresholds, busiestHour, allowances } = await readFlood(ctx, { project: slug });
  const whyChange = !can(ctx.actor, 'limits.write', project.id) && whyNot('limits.write');
  const whyEnd = !can(ctx.actor, 'backlog.write', project.id) && whyNot('backlog.write');
  return (
    <WorkArea>
      <PageCrumb label="Flood breaker" />
      <PageHead
        title="Flood breaker"
        actions={
          <LinkButton big href={paths.backlog(org, slug, { reason: 'flood' })}>
            Held as a flood
          </LinkButton>
        }
      >
        Holds loops and floods of {project.name} before they use the day's limit.{' '}
        {busiestHour === null
          ? 'A surge is told once the project has sent for a day.'
          : `The busiest hour of the last 7 days had ${formatCount(busiestHour, 'mail')}.`}
      </PageHead>
      <FloodForm
        key={JSON.stringify(thresholds)}
        organization={org}
        project={slug}
        thresholds={thresholds}
        why={whyChange}
      />
      <section aria-labelledby="let-through">
        <SectionHead ruled id="let-through" title="Let through" note="what a person found fine" />
        {allowances.length === 0 ? (
          <EmptyState kind="nothing-yet" title="Nothing is let through yet">
            Choose mail that is held as a flood in the backlog and say “Is fine, let through”: more of its
            kind passes from then on, and stands here.
          </EmptyState>
        ) : (
          <AllowancesTable organization={org} project={slug} allowances={allowances} why={whyEnd} />
        )}
      </section>
    </WorkArea>
  );
}
