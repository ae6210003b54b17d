import { z } from 'zod';
import { roles } from '../access/roles.ts';

/** Where a person is a member, as the look-ups before the tenant tell it. Null project ids: every project. */
export const membership = z.object({
  organizationId: z.uuid(),
  role: z.enum(roles),
  projectIds: z.array(z.uuid()).nullable(),
});
export type Membership = z.infer<typeof membership>;
