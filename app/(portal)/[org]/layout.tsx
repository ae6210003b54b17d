import type { ReactNode } from 'react';
import { PortalShell } from '../portal-shell.tsx';

interface OrganizationLayoutProps {
  children: ReactNode;
  params: Promise<{ org: string }>;
}

export default async function OrganizationLayout({ children, params }: OrganizationLayoutProps) {
  return <PortalShell organization={(await params).org}>{children}</PortalShell>;
}
