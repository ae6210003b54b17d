import type { Metadata } from 'next';
import { can } from '#lib/access/can.ts';
import { PageHead } from '../../../../_components/page-head.tsx';
import { PageCrumb } from '../../../../_components/shell-context.tsx';
import { WorkArea } from '../../../../_components/work-area.tsx';
import { requireContext } from '../../../../_server/context.ts';
import { readOverview } from '../../../../_server/overview.ts';
import { EmptyState } from '../../../../_ui/empty-state.tsx';
import { whyNot } from '../../../permission-words.ts';
import { OrganizationForm } from './organization-form.tsx';

export const metadata: Metadata = { title: 'Settings' };

export default async function OrganizationSettings({ params }: { params: Promise<{ org: string }> }) {
  const { org } = await params;
  const ctx = await requireContext(org);
  const overview = await readOverview(ctx);
  return (
    <WorkArea>
      <PageCrumb label="Settings" />
      <PageHead title="Settings of the organization">{overview.name}</PageHead>
      {can(ctx.actor, 'organization.manage', null) ? (
        <OrganizationForm
          organization={org}
          name={overview.name}
          timeZone={overview.timeZone}
          zones={Intl.supportedValuesOf('timeZone')}
          defaultProject={overview.defaultProjectId}
          noticeSender={overview.noticeSender?.id ?? null}
          projects={overview.projects
            .filter(({ archivedAt }) => archivedAt === null)
            .map(({ id, name, server, mode }) => ({
              id,
              name,
              isSetUp: server !== null,
              isLive: mode.kind === 'live',
            }))}
        />
      ) : (
        <EmptyState kind="no-permission" title="Settings are for owners and administrators">
          {whyNot('organization.manage')}
        </EmptyState>
      )}
    </WorkArea>
  );
}
