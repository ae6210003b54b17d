import type { Metadata } from 'next';
import { requireContext } from '#app/_server/context.ts';
import { readOverview, requireProject } from '#app/_server/overview.ts';
import { HeldPage } from '../../../held-list/held-page.tsx';

export const metadata: Metadata = { title: 'Suspended' };

interface PageProps {
  params: Promise<{ org: string; project: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function ProjectSuspended({ params, searchParams }: PageProps) {
  const { org, project: slug } = await params;
  const ctx = await requireContext(org);
  const project = await requireProject(ctx, slug);
  const overview = await readOverview(ctx);
  return (
    <HeldPage
      ctx={ctx}
      overview={overview}
      project={project}
      state="suspended"
      searchParams={await searchParams}
    />
  );
}
