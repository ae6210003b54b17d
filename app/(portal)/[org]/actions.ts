'use server';

import { createProject as createProjectVerb } from '#lib/organizations/create-project.ts';
import { resumeFleet as resumeFleetVerb } from '#lib/queue/resume-fleet.ts';
import { defineAction } from '../../_server/action.ts';

export const createProject = defineAction(createProjectVerb);
export const resumeFleet = defineAction(resumeFleetVerb);
