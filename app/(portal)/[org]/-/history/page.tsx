import type { Metadata } from 'next';
import { requireContext } from '../../../../_server/context.ts';
import { HistoryPage } from '../../../history-list/history-page.tsx';
import { readHistoryQuery, type SearchParams } from '../../../history-list/history-query.ts';

export const metadata: Metadata = { title: 'History' };

interface OrganizationHistoryProps {
  params: Promise<{ org: string }>;
  searchParams: Promise<SearchParams>;
}

export default async function OrganizationHistory({ params, searchParams }: OrganizationHistoryProps) {
  const ctx = await requireContext((await params).org);
  return (
    <HistoryPage ctx={ctx} project={null} query={readHistoryQuery(await searchParams)} title="History" />
  );
}
