import { z } from 'zod';
import { retrySchedule, uncertainChoice } from '../settings/schemas.ts';

/** How a project's mail is tried again, and what happens when nobody knows whether it arrived (PRODUCT 4.4, 4.8). */
export const deliveryRules = z.strictObject({ retry: retrySchedule, uncertain: uncertainChoice });
export type DeliveryRules = z.output<typeof deliveryRules>;

export const deliveryInput = z.strictObject({ project: z.string().max(64), rules: deliveryRules });

/** Counts of a preview stop here: beyond, it says "10,000+". */
export const deliveryCountCap = 10_000;
