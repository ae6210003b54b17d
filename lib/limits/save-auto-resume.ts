import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject, type ProjectRow } from '../access/load-project.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { invalidField } from '../errors.ts';
import { parseInput } from '../parse-input.ts';
import type { SaveAutoResume } from './limits-view.ts';

const autoResumeInput = z.strictObject({
  project: z.string().max(64).nullable(),
  autoResume: z.boolean().nullable(),
  threshold: z
    .int('Give a whole number, or nothing for no threshold.')
    .min(1, 'A threshold is at least 1. Blank means none.')
    .max(2_000_000_000)
    .nullable(),
});

interface Choice {
  readonly autoResume: boolean | null;
  readonly threshold: number | null;
}

/**
 * Whether held mail of a project goes out by itself when there is room, or of every project that has no choice of its
 * own. A project's null takes the organization's choice, threshold and all.
 */
export function saveAutoResume(ctx: Context, input: SaveAutoResume): Promise<Choice> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const given = parseInput(autoResumeInput, input);
    const project = given.project === null ? null : await loadProject(tx, ctx, given.project);
    requirePermission(ctx, 'limits.write', project?.id ?? null);
    if (project === null && given.autoResume === null) {
      throw invalidField('autoResume', 'The organization has a choice: on or off.');
    }
    const after = {
      autoResume: given.autoResume,
      threshold: given.autoResume === null ? null : given.threshold,
    };
    const before =
      project === null ? await saveDefault(tx, ctx, after) : await saveOfProject(tx, project, after);
    if (before.autoResume === after.autoResume && before.threshold === after.threshold) return after;
    await recordAudit(tx, ctx, {
      action: 'limits.auto_resume_saved',
      projectId: project?.id ?? null,
      object:
        project === null
          ? { kind: 'organization', id: ctx.organizationId, label: null }
          : { kind: 'project', id: project.id, label: project.name },
      detail: { before, after },
    });
    return after;
  });
}

async function saveDefault(tx: Transaction, ctx: Context, after: Choice): Promise<Choice> {
  const { rows } = await tx.query<Choice>(
    `with before as (
       select organization_id, auto_resume, auto_resume_threshold from mailroom.limit_policies
       where organization_id = $1 for no key update
     )
     update mailroom.limit_policies p set auto_resume = $2, auto_resume_threshold = $3
     from before where p.organization_id = before.organization_id
     returning before.auto_resume as "autoResume", before.auto_resume_threshold as threshold`,
    [ctx.organizationId, after.autoResume, after.threshold],
  );
  return rows[0] ?? { autoResume: null, threshold: null };
}

async function saveOfProject(tx: Transaction, project: ProjectRow, after: Choice): Promise<Choice> {
  const { rows } = await tx.query<Choice>(
    `with before as (
       select id, auto_resume, auto_resume_threshold from mailroom.projects where id = $1 for no key update
     )
     update mailroom.projects p set auto_resume = $2, auto_resume_threshold = $3
     from before where p.id = before.id
     returning before.auto_resume as "autoResume", before.auto_resume_threshold as threshold`,
    [project.id, after.autoResume, after.threshold],
  );
  return rows[0] ?? { autoResume: null, threshold: null };
}
