import type { ReactNode } from 'react';
import { requireInbox } from '../../_server/inbox.ts';
import { PortalShell } from '../portal-shell.tsx';

export default async function InboxLayout({ children }: { children: ReactNode }) {
  const { organization } = await requireInbox();
  return <PortalShell organization={organization}>{children}</PortalShell>;
}
