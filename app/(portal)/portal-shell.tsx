import { redirect } from 'next/navigation';
import type { ReactNode } from 'react';
import { AppShell } from '../_components/app-shell.tsx';
import { requireContext, signInPath } from '../_server/context.ts';
import { readOverview } from '../_server/overview.ts';
import { findSession } from '../_server/session.ts';
import { shellData } from '../_server/shell-data.ts';
import { FleetBanner } from './fleet-banner.tsx';
import { signOut } from './sign-out.ts';

/** The frame of every signed-in page of one organization. */
export async function PortalShell({ organization, children }: { organization: string; children: ReactNode }) {
  const ctx = await requireContext(organization);
  const session = await findSession();
  if (session === null) redirect(await signInPath());
  const overview = await readOverview(ctx);
  return (
    <AppShell
      data={shellData(ctx, session, overview)}
      signOut={signOut}
      banner={<FleetBanner ctx={ctx} overview={overview} />}
    >
      {children}
    </AppShell>
  );
}
