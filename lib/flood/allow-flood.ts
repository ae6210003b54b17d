import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { floodAllowances } from '#db/schema/pools.ts';
import type { ProjectRow } from '../access/load-project.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { openProjects } from '../backlog/open-projects.ts';
import { startBulkRun } from '../backlog/start-bulk-run.ts';
import type { BulkRunView } from '../backlog/views.ts';
import { actorLabel, type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { messageId } from '../messages/filter-parts.ts';
import { parseInput } from '../parse-input.ts';
import { floodRules } from '../policy/flood.ts';
import { forgetFloodRules } from './judge-flood.ts';
import { type AllowanceSpan, allowanceSpans } from './schemas.ts';

export const allowInput = z.strictObject({
  /** Null: the mails may be of several projects. */
  project: z.string().max(64).nullable(),
  ids: z.array(messageId).min(1, 'Choose at least one message.').max(200, 'At most 200 messages at a time.'),
  span: z.enum(allowanceSpans).default('for_ever'),
});

export interface AllowedFlood {
  /** Kinds of mail that pass from now on. */
  readonly shapes: number;
  /** The release of the chosen mails. */
  readonly run: BulkRunView;
}

/**
 * "Is fine, let through" (PRODUCT 5.10): what the chosen mails were held for is let through from now on, and they go
 * out. Mails that something else holds are no part of it; where none is held as a flood any more: `wrong_state`.
 */
export async function allowFlood(ctx: Context, input: z.input<typeof allowInput>): Promise<AllowedFlood> {
  const given = parseInput(allowInput, input);
  const held = await withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const projects = await openProjects(tx, ctx, given.project, 'backlog.write');
    const found = await findShapes(tx, projects, given.ids);
    if (found.length === 0) {
      throw new DomainError('wrong_state', 'None of these messages is held as a flood any more.');
    }
    for (const project of projects) await allow(tx, ctx, project, { found, span: given.span });
    return found;
  });
  for (const projectId of new Set(held.map(({ project_id }) => project_id))) forgetFloodRules(ctx, projectId);
  const run = await startBulkRun(ctx, {
    project: given.project,
    kind: 'resume',
    selection: { ids: held.map(({ message_id }) => message_id) },
  });
  return { shapes: new Set(held.map(({ project_id, shape }) => `${project_id} ${shape}`)).size, run };
}

const shapeRow = z.object({
  message_id: z.string(),
  project_id: z.string(),
  shape: z.string(),
  rule: z.enum(floodRules),
  label: z.string(),
});
type ShapeRow = z.infer<typeof shapeRow>;

async function findShapes(
  tx: Transaction,
  projects: readonly ProjectRow[],
  ids: readonly string[],
): Promise<readonly ShapeRow[]> {
  const { rows } = await tx.query(
    `select h.message_id, h.project_id, e.detail ->> 'shape' as shape, e.detail ->> 'rule' as rule,
       e.detail ->> 'label' as label
     from mailroom.held_messages h cross join lateral (
       select e.detail from mailroom.message_events e
       where e.message_id = h.message_id and e.kind = 'held' and e.detail ->> 'reason' = 'flood'
       order by e.id desc limit 1
     ) e
     where h.message_id = any ($1::uuid[]) and h.project_id = any ($2::uuid[]) and h.state = 'backlog'
       and h.reason = 'flood'
     order by h.message_id for update of h`,
    [ids, projects.map(({ id }) => id)],
  );
  return z.array(shapeRow).parse(rows);
}

async function allow(
  tx: Transaction,
  ctx: Context,
  project: ProjectRow,
  { found, span }: { readonly found: readonly ShapeRow[]; readonly span: AllowanceSpan },
): Promise<void> {
  const own = found.filter(({ project_id }) => project_id === project.id);
  const shapes = new Map(own.map((row) => [row.shape, row]));
  if (shapes.size === 0) return;
  const until = spanMs[span] === null ? null : new Date(ctx.clock.now().getTime() + spanMs[span]);
  for (const { shape, rule, label } of shapes.values()) {
    const kept = { rule, label, until, createdAt: ctx.clock.now(), createdBy: actorLabel(ctx.actor) };
    await tx.orm
      .insert(floodAllowances)
      .values({ projectId: project.id, organizationId: ctx.organizationId, shape, ...kept })
      .onConflictDoUpdate({ target: [floodAllowances.projectId, floodAllowances.shape], set: kept });
  }
  await recordAudit(tx, ctx, {
    action: 'flood.allowed',
    projectId: project.id,
    object: { kind: 'project', id: project.id, label: project.name },
    detail: {
      shapes: [...shapes.values()].map(({ shape, label }) => ({ shape, label })),
      until,
      mails: own.length,
    },
  });
}

const hourMs = 3_600_000;
const spanMs: Readonly<Record<AllowanceSpan, number | null>> = {
  hour: hourMs,
  day: 24 * hourMs,
  week: 7 * 24 * hourMs,
  for_ever: null,
};
