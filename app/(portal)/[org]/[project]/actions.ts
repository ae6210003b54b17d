'use server';

import type { Context } from '#lib/context.ts';
import { archiveProject as archiveProjectVerb } from '#lib/organizations/archive-project.ts';
import { renameProject as renameProjectVerb } from '#lib/organizations/rename-project.ts';
import { restoreProject as restoreProjectVerb } from '#lib/organizations/restore-project.ts';
import { reconnectToPrimary as reconnectToPrimaryVerb } from '#lib/queue/reconnect-to-primary.ts';
import { tryLaneAgain as tryLaneAgainVerb } from '#lib/queue/try-lane-again.ts';
import { pauseSending as pauseSendingVerb } from '#lib/settings/pause-sending.ts';
import { resumeSending } from '#lib/settings/resume-sending.ts';
import { defineAction } from '../../../_server/action.ts';
import { wakeLane } from '../../../_server/services.ts';

interface OfProject {
  readonly project: string;
}

export const pauseSending = defineAction(pauseSendingVerb);
export const renameProject = defineAction(renameProjectVerb);
export const archiveProject = defineAction(archiveProjectVerb);
export const restoreProject = defineAction(restoreProjectVerb);

// These let mail go, so the workers hear of it at once.
export const startSending = defineAction(async (ctx: Context, input: OfProject) => {
  wakeLane((await resumeSending(ctx, input)).laneId);
});
export const tryLaneAgain = defineAction(async (ctx: Context, input: OfProject) => {
  wakeLane((await tryLaneAgainVerb(ctx, input)).laneId);
});
export const reconnectToPrimary = defineAction(async (ctx: Context, input: OfProject) => {
  wakeLane((await reconnectToPrimaryVerb(ctx, input)).laneId);
});
