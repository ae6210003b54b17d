import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import { countCap } from './count-messages.ts';
import { countMatching } from './find-matching.ts';
import { messageFilters } from './list-messages.ts';

const countInput = messageFilters.extend({ project: z.string().max(64) });

/** How many messages of the project match the filters, at most `countCap` + 1. */
export function countMatchingMessages(ctx: Context, given: z.input<typeof countInput>): Promise<number> {
  const { project: reference, ...filters } = parseInput(countInput, given);
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, reference);
    requirePermission(ctx, 'messages.read', project.id);
    return countMatching(tx, project.id, filters, { most: countCap + 1 });
  });
}
