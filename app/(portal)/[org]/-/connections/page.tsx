import type { Metadata } from 'next';
import { listConnections } from '#lib/connections/list-connections.ts';
import { paths } from '#lib/paths.ts';
import { PageHead } from '#app/_components/page-head.tsx';
import { WorkArea } from '#app/_components/work-area.tsx';
import { requireContext } from '#app/_server/context.ts';
import { EmptyState } from '#app/_ui/empty-state.tsx';
import { TextLink } from '#app/_ui/text-link.tsx';
import { whyNot } from '../../../permission-words.ts';
import { ConnectionsTable } from './connections-table.tsx';

export const metadata: Metadata = { title: 'Connections' };

/** The health of all connections, found without sending (PRODUCT 2.19). */
export default async function ConnectionsPage({ params }: { params: Promise<{ org: string }> }) {
  const { org } = await params;
  const ctx = await requireContext(org);
  const connections = await listConnections(ctx);
  return (
    <WorkArea>
      <PageHead title="Connections">
        Each connection is proved once a day up to its sign-in, and after each save of its settings. No mail
        is sent for that. Ends of secrets, certificates and consents are announced 60, 30, 7 and 1 days ahead.
      </PageHead>
      {connections.length === 0 ? (
        <EmptyState kind="nothing-yet" title="No project yet">
          Make a project on the <TextLink href={paths.home(org)}>home page</TextLink> and enter its mail
          settings; its connection is then proved here.
        </EmptyState>
      ) : (
        <ConnectionsTable
          organization={org}
          connections={connections}
          whyNotProve={whyNot('settings.test')}
        />
      )}
    </WorkArea>
  );
}
