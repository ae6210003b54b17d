import type { Metadata } from 'next';
import { can } from '#lib/access/can.ts';
import { listKeys } from '#lib/keys/list-keys.ts';
import { paths } from '#lib/paths.ts';
import { PageHead } from '../../../../_components/page-head.tsx';
import { WorkArea } from '../../../../_components/work-area.tsx';
import { requireContext } from '../../../../_server/context.ts';
import { requireProject } from '../../../../_server/overview.ts';
import { portalEnvironment } from '../../../../_server/services.ts';
import { EmptyState } from '../../../../_ui/empty-state.tsx';
import { TextLink } from '../../../../_ui/text-link.tsx';
import { whyNot } from '../../../permission-words.ts';
import { CreateKeyDialog } from './create-key-dialog.tsx';
import { KeysTable } from './keys-table.tsx';

export const metadata: Metadata = { title: 'API keys' };

interface KeysPageProps {
  params: Promise<{ org: string; project: string }>;
}

export default async function KeysPage({ params }: KeysPageProps) {
  const { org, project: slug } = await params;
  const ctx = await requireContext(org);
  const project = await requireProject(ctx, slug);
  if (!can(ctx.actor, 'keys.read', project.id)) {
    return (
      <WorkArea>
        <PageHead title="API keys" />
        <EmptyState kind="no-permission" title="You may not see the keys">
          {whyNot('keys.read')}
        </EmptyState>
      </WorkArea>
    );
  }
  const keys = await listKeys(ctx, { project: project.id });
  const why = whyNotChange(can(ctx.actor, 'keys.write', project.id), project.archivedAt !== null);
  const messagesUrl = portalEnvironment().portalUrl + paths.api.messages(project.slug);
  const create = (
    <CreateKeyDialog organization={org} project={project.id} messagesUrl={messagesUrl} why={why} />
  );
  return (
    <WorkArea>
      <PageHead title="API keys" actions={create}>
        With a key, {project.name} hands its mail to Mailroom. Each is shown once; only its hash is kept.{' '}
        <TextLink href={paths.api.documentation()}>API reference</TextLink>
      </PageHead>
      <KeysTable organization={org} project={project.id} rows={keys} why={why} />
    </WorkArea>
  );
}

function whyNotChange(mayWrite: boolean, isArchived: boolean): string | false {
  if (!mayWrite) return whyNot('keys.write');
  return isArchived && 'The project is archived. Restore it first.';
}
