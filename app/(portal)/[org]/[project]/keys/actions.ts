'use server';

import { createKey as createKeyVerb } from '#lib/keys/create-key.ts';
import { revokeKey as revokeKeyVerb } from '#lib/keys/revoke-key.ts';
import { defineAction } from '../../../../_server/action.ts';

export const createKey = defineAction(createKeyVerb);
export const revokeKey = defineAction(revokeKeyVerb);
