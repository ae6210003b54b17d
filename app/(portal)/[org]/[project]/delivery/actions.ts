'use server';

import { previewDelivery } from '#lib/delivery/preview-delivery.ts';
import { saveDelivery } from '#lib/delivery/save-delivery.ts';
import { defineAction } from '#app/_server/action.ts';

export const previewDeliveryAction = defineAction(previewDelivery, { refreshes: false });
export const saveDeliveryAction = defineAction(saveDelivery);
