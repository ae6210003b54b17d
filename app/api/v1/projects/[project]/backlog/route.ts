import { heldPageSchema } from '#lib/api/backlog-schemas.ts';
import { heldQuery } from '#lib/api/held-query.ts';
import { listHeld } from '#lib/backlog/list-held.ts';
import { apiRoute, json, refuseMethod } from '../../../api-route.ts';

/** Lists held mails, the longest waiting first. */
export const GET = apiRoute<{ readonly project: string }>(async ({ ctx, request, params }) => {
  const query = heldQuery(params.project, new URL(request.url).searchParams);
  return json(heldPageSchema.parse(await listHeld(ctx, query)));
});

const refused = refuseMethod('GET');
export { refused as POST, refused as PUT, refused as PATCH, refused as DELETE };
