import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { readExactNow } from '../backlog/read-now.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import { countChosen } from './count-chosen.ts';
import { messageRunKinds } from './labels.ts';
import { messageActions } from './message-actions.ts';
import { messageSelection } from './message-selection.ts';
import { type HoldEffect, readHoldEffect } from './read-hold-effect.ts';
import { type ProjectWait, readProjectWait } from './read-project-wait.ts';

const previewInput = z.strictObject({
  project: z.string().max(64),
  kind: z.enum(messageRunKinds),
  selection: messageSelection,
});

/** What a run over messages would do, before a person confirms it. */
export interface MessageRunPreview {
  /** Those that it can be done to now. */
  readonly mails: number;
  /** Hand it back to `startMessageRun`: what is accepted later is not meant. */
  readonly asOf: string;
  /** What they would then wait for; null: nothing, or they do not go out by it. */
  readonly waits: ProjectWait | null;
  /** Null: they are not to be held. */
  readonly hold: HoldEffect | null;
}

export function previewMessageRun(
  ctx: Context,
  given: z.input<typeof previewInput>,
): Promise<MessageRunPreview> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const { project: reference, kind, selection } = parseInput(previewInput, given);
    const project = await loadProject(tx, ctx, reference);
    requirePermission(ctx, messageActions[kind].permission, project.id);
    const asOf = await readExactNow(tx);
    const { mails } = await countChosen(tx, project.id, { kind, selection, asOf });
    const { goesOut } = messageActions[kind];
    return {
      mails,
      asOf,
      waits: goesOut ? await readProjectWait(tx, project) : null,
      hold: kind === 'hold' ? await readHoldEffect(tx, project.id, { selection, asOf }) : null,
    };
  });
}
