import { messageDetailSchema } from '#lib/api/responses.ts';
import { cancelMessage } from '#lib/messages/cancel-messages.ts';
import { apiRoute, json, refuseMethod } from '../../../../../api-route.ts';

/** Cancels a message that has not started. */
export const POST = apiRoute<{ readonly project: string; readonly id: string }>(async ({ ctx, params }) =>
  json(messageDetailSchema.parse(await cancelMessage(ctx, params))),
);

const refused = refuseMethod('POST');
export { refused as GET, refused as PUT, refused as PATCH, refused as DELETE };
