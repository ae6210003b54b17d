import type { PoolView } from '#lib/pools/list-pools.ts';
import type { ProjectOverview } from '#lib/overview/present-project.ts';
import type { ProjectChoice } from './use-save-pool.ts';

/** The projects that may draw from a pool, with the pool that each would leave. */
export function projectChoices(
  projects: readonly ProjectOverview[],
  pools: readonly PoolView[],
  own: string | null,
): readonly ProjectChoice[] {
  return projects
    .filter(({ archivedAt }) => archivedAt === null)
    .map(({ slug, name }) => {
      const pool = pools.find((each) => each.projects.some((project) => project.slug === slug));
      return { slug, name, otherPool: pool === undefined || pool.id === own ? null : pool.name };
    })
    .toSorted((one, other) => one.name.localeCompare(other.name));
}
