'use server';

import { setNoticeSender as setNoticeSenderVerb } from '#lib/notices/set-notice-sender.ts';
import { setDefaultProject as setDefaultProjectVerb } from '#lib/organizations/set-default-project.ts';
import { updateOrganization as updateOrganizationVerb } from '#lib/organizations/update-organization.ts';
import { defineAction } from '../../../../_server/action.ts';

export const updateOrganization = defineAction(updateOrganizationVerb);
export const setDefaultProject = defineAction(setDefaultProjectVerb);
export const setNoticeSender = defineAction(setNoticeSenderVerb);
