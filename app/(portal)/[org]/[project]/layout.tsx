import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { requireContext } from '../../../_server/context.ts';
import { requireProject } from '../../../_server/overview.ts';
import { ProjectBanners } from './project-banners.tsx';

interface ProjectLayoutProps {
  children: ReactNode;
  params: Promise<{ org: string; project: string }>;
}

export async function generateMetadata({ params }: ProjectLayoutProps): Promise<Metadata> {
  const { org, project } = await params;
  const { name } = await requireProject(await requireContext(org), project);
  return { title: { default: name, template: `%s · ${name} · Mailroom` } };
}

/** Every page of a project says first what holds its mail up. */
export default async function ProjectLayout({ children, params }: ProjectLayoutProps) {
  const { org, project: slug } = await params;
  const ctx = await requireContext(org);
  const project = await requireProject(ctx, slug);
  return (
    <>
      <ProjectBanners ctx={ctx} organization={org} project={project} />
      {children}
    </>
  );
}
