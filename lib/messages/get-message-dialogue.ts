import { and, asc, eq, isNotNull } from 'drizzle-orm';
import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { attempts } from '#db/schema/messages.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { loadMessage } from './load-message.ts';

const transcript = z.array(
  z.object({
    /** Since the start of the attempt. */
    atMs: z.number(),
    direction: z.enum(['sent', 'received', 'note']),
    text: z.string(),
  }),
);

/** The dialogue of one attempt, as email debug kept it: without secrets and without content. */
export interface AttemptDialogue {
  readonly number: number;
  readonly lines: z.output<typeof transcript>;
}

/** The dialogues that were kept for this message, oldest first; none where email debug was off. */
export function getMessageDialogue(
  ctx: Context,
  input: { readonly project: string; readonly id: string },
): Promise<readonly AttemptDialogue[]> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, input.project);
    requirePermission(ctx, 'messages.read', project.id);
    const message = await loadMessage(tx, project, input.id);
    const rows = await tx.orm
      .select({ number: attempts.number, transcript: attempts.transcript })
      .from(attempts)
      .where(and(eq(attempts.messageId, message.id), isNotNull(attempts.transcript)))
      .orderBy(asc(attempts.id));
    return rows.map((row) => ({ number: row.number, lines: transcript.parse(row.transcript) }));
  });
}
