import type { Metadata } from 'next';
import { requireContext } from '#app/_server/context.ts';
import { readOverview } from '#app/_server/overview.ts';
import { HeldPage } from '../../../held-list/held-page.tsx';

export const metadata: Metadata = { title: 'Suspended' };

interface PageProps {
  params: Promise<{ org: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function OrganizationSuspended({ params, searchParams }: PageProps) {
  const { org } = await params;
  const ctx = await requireContext(org);
  const overview = await readOverview(ctx);
  return (
    <HeldPage
      ctx={ctx}
      overview={overview}
      project={null}
      state="suspended"
      searchParams={await searchParams}
    />
  );
}
