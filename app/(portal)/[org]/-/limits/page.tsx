import { History } from 'lucide-react';
import type { Metadata } from 'next';
import { z } from 'zod';
import { can } from '#lib/access/can.ts';
import { readLimits } from '#lib/limits/read-limits.ts';
import { paths } from '#lib/paths.ts';
import { PageHead } from '#app/_components/page-head.tsx';
import { WorkArea } from '#app/_components/work-area.tsx';
import { requireContext } from '#app/_server/context.ts';
import { LinkButton } from '#app/_ui/button.tsx';
import { EmptyState } from '#app/_ui/empty-state.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';
import { LimitsSections } from '../../../limits/limits-sections.tsx';
import { PolicyPanel } from '../../../limits/policy-panel.tsx';
import { windowWords } from '../../../limits/window-words.ts';
import { whyNot } from '../../../permission-words.ts';

export const metadata: Metadata = { title: 'Limits' };

const query = z.object({ change: z.string().max(120).optional().catch(undefined) });

interface LimitsPageProps {
  params: Promise<{ org: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** Every limit of the organization with its use, and what it does beside its number. */
export default async function LimitsPage({ params, searchParams }: LimitsPageProps) {
  const { org } = await params;
  const ctx = await requireContext(org);
  if (!can(ctx.actor, 'limits.read', null)) return <NoPermission />;
  const { change } = query.parse(await searchParams);
  const view = await readLimits(ctx, {});
  const why = !view.canWrite && whyNot('limits.write');
  return (
    <WorkArea>
      <PageHead
        title="Limits"
        actions={
          <>
            <LinkButton big href={paths.pools(org)}>
              Pools
            </LinkButton>
            {can(ctx.actor, 'audit.read', null) && (
              <LinkButton big icon={History} href={paths.organizationHistory(org, { action: 'limits' })}>
                View history
              </LinkButton>
            )}
          </>
        }
      >
        Over all projects and categories. {windowWords(view.window)}
        {view.window.endsAt === null ? (
          '.'
        ) : (
          <>
            ; it ends <RelativeTime iso={view.window.endsAt} />.
          </>
        )}
      </PageHead>
      <LimitsSections
        ctx={ctx}
        organization={org}
        view={view}
        wanted={change}
        changeHref={(row) => paths.limits(org, { change: row })}
        closeHref={paths.limits(org)}
        heldHref={(scope, reason) =>
          paths.organizationBacklog(org, { reason, project: scope.project?.slug ?? null })
        }
        whyNotChange={() => why}
      >
        <PolicyPanel organization={org} view={view} why={why} />
      </LimitsSections>
    </WorkArea>
  );
}

function NoPermission() {
  return (
    <WorkArea>
      <PageHead title="Limits" />
      <EmptyState kind="no-permission" title="Limits of the organization are for members of all projects">
        You are a member of some projects. Each of them shows the limits that its mail meets.
      </EmptyState>
    </WorkArea>
  );
}
