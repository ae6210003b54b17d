import type { Metadata } from 'next';
import { z } from 'zod';
import { can } from '#lib/access/can.ts';
import { listPools } from '#lib/pools/list-pools.ts';
import { paths } from '#lib/paths.ts';
import { PageHead } from '#app/_components/page-head.tsx';
import { PageCrumb } from '#app/_components/shell-context.tsx';
import { WorkArea } from '#app/_components/work-area.tsx';
import { requireContext } from '#app/_server/context.ts';
import { readOverview } from '#app/_server/overview.ts';
import { LinkButton } from '#app/_ui/button.tsx';
import { EmptyState } from '#app/_ui/empty-state.tsx';
import { whyNot } from '../../../../permission-words.ts';
import { PoolForm } from '../pool-form.tsx';
import { newValues } from '../pool-values.ts';
import { projectChoices } from '../project-choices.ts';

export const metadata: Metadata = { title: 'New pool' };

const query = z.object({
  preset: z.string().max(40).catch('other'),
  name: z.string().max(80).catch(''),
  projects: z.string().max(4_000).catch(''),
});

interface NewPoolProps {
  params: Promise<{ org: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** A new pool; the address may bring what a proposal knows: provider, name and projects. */
export default async function NewPoolPage({ params, searchParams }: NewPoolProps) {
  const { org } = await params;
  const ctx = await requireContext(org);
  const given = query.parse(await searchParams);
  const { projects } = await readOverview(ctx);
  const choices = projectChoices(projects, await listPools(ctx), null);
  const wanted = given.projects.split(' ');
  return (
    <WorkArea>
      <PageCrumb label="New pool" />
      <PageHead
        title="New pool"
        actions={
          <LinkButton big href={paths.pools(org)}>
            All pools
          </LinkButton>
        }
      >
        Pick the provider, then put your own figures over those of its pages.
      </PageHead>
      {can(ctx.actor, 'limits.write', null) ? (
        <PoolForm
          organization={org}
          pool={null}
          projects={choices}
          saved={newValues({
            ...given,
            projects: choices.map(({ slug }) => slug).filter((slug) => wanted.includes(slug)),
          })}
        />
      ) : (
        <EmptyState kind="no-permission" title="Pools are for owners and administrators">
          {whyNot('limits.write')}
        </EmptyState>
      )}
    </WorkArea>
  );
}
