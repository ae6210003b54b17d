import type { Metadata } from 'next';
import { paths } from '#lib/paths.ts';
import { requireContext } from '../../../../_server/context.ts';
import { requireProject } from '../../../../_server/overview.ts';
import { LinkButton } from '../../../../_ui/button.tsx';
import { HistoryPage } from '../../../history-list/history-page.tsx';
import { readHistoryQuery, type SearchParams } from '../../../history-list/history-query.ts';

export const metadata: Metadata = { title: 'History' };

interface ProjectHistoryProps {
  params: Promise<{ org: string; project: string }>;
  searchParams: Promise<SearchParams>;
}

export default async function ProjectHistory({ params, searchParams }: ProjectHistoryProps) {
  const { org, project: slug } = await params;
  const ctx = await requireContext(org);
  const project = await requireProject(ctx, slug);
  return (
    <HistoryPage
      ctx={ctx}
      project={project}
      query={readHistoryQuery(await searchParams)}
      title={`History of ${project.name}`}
      actions={
        <LinkButton big href={paths.settingsHistory(org, project.slug)}>
          History of mail settings
        </LinkButton>
      }
    />
  );
}
