'use server';

import { archivePool } from '#lib/pools/archive-pool.ts';
import { attachProject } from '#lib/pools/attach-project.ts';
import { createPool } from '#lib/pools/create-pool.ts';
import { detachProject } from '#lib/pools/detach-project.ts';
import { updatePool } from '#lib/pools/update-pool.ts';
import { defineAction } from '#app/_server/action.ts';

export const createPoolAction = defineAction(createPool);
export const updatePoolAction = defineAction(updatePool);
export const archivePoolAction = defineAction(archivePool);
export const attachProjectAction = defineAction(attachProject);
export const detachProjectAction = defineAction(detachProject);
