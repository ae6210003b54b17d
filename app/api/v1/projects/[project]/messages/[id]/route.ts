import { messageDetailSchema } from '#lib/api/responses.ts';
import { getMessage } from '#lib/messages/get-message.ts';
import { apiRoute, json, refuseMethod } from '../../../../api-route.ts';

/** One message with its recipients and attempts. */
export const GET = apiRoute<{ readonly project: string; readonly id: string }>(async ({ ctx, params }) =>
  json(messageDetailSchema.parse(await getMessage(ctx, params))),
);

const refused = refuseMethod('GET');
export { refused as POST, refused as PUT, refused as PATCH, refused as DELETE };
