import { notFound } from 'next/navigation';
import { cache } from 'react';
import type { Context } from '#lib/context.ts';
import type { ProjectOverview } from '#lib/overview/present-project.ts';
import {
  type OrganizationOverview,
  readOrganizationOverview,
} from '#lib/overview/read-organization-overview.ts';

/** The organization at a glance, read once per request for shell, banners and page together. */
export const readOverview: (ctx: Context) => Promise<OrganizationOverview> = cache(readOrganizationOverview);

/** One project of it by its slug, or the not-found page. */
export async function requireProject(ctx: Context, slug: string): Promise<ProjectOverview> {
  const { projects } = await readOverview(ctx);
  return projects.find((project) => project.slug === slug) ?? notFound();
}
