import type { Database } from '#db/client.ts';
import type { Context } from '../context.ts';
import type { FloodMail } from '../policy/flood.ts';
import { type FloodVerdict, ProjectWatch } from './project-watch.ts';

type Watches = WeakMap<Database, Map<string, ProjectWatch>>;

declare global {
  // Several bundles of the portal hold a copy of this module, and what one of them saves must hold for all at once.
  var mailroomFloods: Watches | undefined;
}

const mostProjects = 1_000;

/** Counts the mails of a project that are about to be stored, in their order, and says which of them are a flood. */
export function judgeFlood(
  ctx: Context,
  projectId: string,
  mails: readonly FloodMail[],
): Promise<readonly FloodVerdict[]> {
  return watchOf(ctx, projectId).judge(ctx, mails);
}

/** These mails were not stored after all, so they never counted. */
export function takeBackFlood(ctx: Context, projectId: string, verdicts: readonly FloodVerdict[]): void {
  const watch = watchOf(ctx, projectId);
  for (const verdict of verdicts) watch.takeBack(ctx, verdict);
}

/** Settings or allowances of the project have changed: they hold for the very next mail that this process takes. */
export function forgetFloodRules(ctx: Context, projectId: string): void {
  watches().get(ctx.database)?.get(projectId)?.forgetRules();
}

function watchOf({ database }: Context, projectId: string): ProjectWatch {
  const projects = watches().get(database) ?? new Map<string, ProjectWatch>();
  watches().set(database, projects);
  const known = projects.get(projectId);
  if (known !== undefined) return known;
  if (projects.size >= mostProjects) projects.clear();
  const watch = new ProjectWatch(projectId);
  projects.set(projectId, watch);
  return watch;
}

function watches(): Watches {
  globalThis.mailroomFloods ??= new WeakMap();
  return globalThis.mailroomFloods;
}
