import { Plus } from 'lucide-react';
import type { Metadata } from 'next';
import { can } from '#lib/access/can.ts';
import { listPools } from '#lib/pools/list-pools.ts';
import { suggestPools } from '#lib/pools/suggest-pools.ts';
import { paths } from '#lib/paths.ts';
import { PageHead } from '#app/_components/page-head.tsx';
import { PageCrumb } from '#app/_components/shell-context.tsx';
import { WorkArea } from '#app/_components/work-area.tsx';
import { requireContext } from '#app/_server/context.ts';
import { Button, LinkButton } from '#app/_ui/button.tsx';
import { EmptyState } from '#app/_ui/empty-state.tsx';
import { TextLink } from '#app/_ui/text-link.tsx';
import { whyNot } from '../../../permission-words.ts';
import { PoolsTable } from './pools-table.tsx';
import { Suggestions } from './suggestions.tsx';

export const metadata: Metadata = { title: 'Pools' };

/** What providers grant, and how far the projects that share it have come. */
export default async function PoolsPage({ params }: { params: Promise<{ org: string }> }) {
  const { org } = await params;
  const ctx = await requireContext(org);
  const why = !can(ctx.actor, 'limits.write', null) && whyNot('limits.write');
  const pools = await listPools(ctx);
  const suggestions = await suggestPools(ctx);
  return (
    <WorkArea>
      <PageCrumb label="Pools" />
      <PageHead
        title="Pools"
        actions={
          why === false ? (
            <LinkButton big variant="primary" icon={Plus} href={paths.newPool(org)}>
              New pool
            </LinkButton>
          ) : (
            <Button big variant="primary" icon={Plus} why={why}>
              New pool
            </Button>
          )
        }
      >
        What a provider grants one mailbox, sign-in or tenant, shared by the projects that send through it. A
        rate only paces; a day's quota holds. Limits of your own stand under{' '}
        <TextLink href={paths.limits(org)}>Limits</TextLink>.
      </PageHead>
      <Suggestions organization={org} suggestions={suggestions} why={why} />
      {pools.length === 0 ? (
        <EmptyState kind="nothing-yet" title="No pool yet">
          Every project sends as fast as its server takes mail. Make a pool for a provider that grants so many
          mails a minute, connections or recipients a day, and let the projects that use it draw from it.
        </EmptyState>
      ) : (
        <PoolsTable organization={org} pools={pools} />
      )}
    </WorkArea>
  );
}
