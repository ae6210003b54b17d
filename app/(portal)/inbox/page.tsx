import type { Metadata } from 'next';
import { z } from 'zod';
import { listInbox } from '#lib/inbox/inbox-folder.ts';
import { readMail } from '#lib/inbox/read-mail.ts';
import { PageHead } from '../../_components/page-head.tsx';
import { WorkArea } from '../../_components/work-area.tsx';
import { requireInbox } from '../../_server/inbox.ts';
import { EmptyState } from '../../_ui/empty-state.tsx';
import { InboxTable } from './inbox-table.tsx';
import { MailPanel } from './mail-panel.tsx';

export const metadata: Metadata = { title: 'Inbox' };

// An address that was typed or repeated shows the newest page rather than a fault.
const id = z.uuid().optional().catch(undefined);
const query = z.object({ mail: id, after: id, before: id });

interface InboxPageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function InboxPage({ searchParams }: InboxPageProps) {
  const { folder, mayRead } = await requireInbox();
  if (!mayRead) return <NoPermission />;
  const { mail: openId, ...position } = query.parse(await searchParams);
  const page = await listInbox(folder, position);
  const open = openId === undefined ? null : await readMail(folder, openId);
  return (
    <WorkArea panel={open === null ? undefined : <MailPanel mail={open} />}>
      <PageHead title="Inbox">
        What projects handed to the servers of this demo: the built-in mail server, and stand-ins for
        Microsoft Graph and Exchange. They send nothing on.
      </PageHead>
      <InboxTable
        rows={page.entries}
        pager={{
          summary: page.total === 1 ? '1 mail' : `${page.entries.length} of ${page.total} mails`,
          nextCursor: page.nextCursor,
          previousCursor: page.previousCursor,
        }}
      />
    </WorkArea>
  );
}

function NoPermission() {
  return (
    <WorkArea>
      <PageHead title="Inbox" />
      <EmptyState kind="no-permission" title="You may not read the content of mail">
        An owner or administrator of the organization can give you the role of an operator.
      </EmptyState>
    </WorkArea>
  );
}
