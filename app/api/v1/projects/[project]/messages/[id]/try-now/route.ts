import { messageDetailSchema } from '#lib/api/responses.ts';
import { tryMessageNow } from '#lib/messages/try-messages-now.ts';
import { apiRoute, json, refuseMethod } from '../../../../../api-route.ts';

/** Makes a waiting message due at once. */
export const POST = apiRoute<{ readonly project: string; readonly id: string }>(async ({ ctx, params }) =>
  json(messageDetailSchema.parse(await tryMessageNow(ctx, params))),
);

const refused = refuseMethod('POST');
export { refused as GET, refused as PUT, refused as PATCH, refused as DELETE };
