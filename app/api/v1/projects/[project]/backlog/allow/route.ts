import { allowedFloodSchema, allowFloodBody } from '#lib/api/pool-schemas.ts';
import { readJsonBody } from '#lib/api/read-body.ts';
import { requestLimitBytes } from '#lib/api/request-limit.ts';
import { allowFlood } from '#lib/flood/allow-flood.ts';
import { parseInput } from '#lib/parse-input.ts';
import { apiRoute, json, refuseMethod } from '../../../../api-route.ts';

/** Lets mails go that were held as a flood, and what they were held for through from now on. */
export const POST = apiRoute<{ readonly project: string }>(async ({ ctx, request, params }) => {
  const body = await readJsonBody(request, requestLimitBytes(ctx.settings));
  const allowed = await allowFlood(ctx, {
    ...parseInput(allowFloodBody, body.value),
    project: params.project,
  });
  return json(allowedFloodSchema.parse(allowed));
});

const refused = refuseMethod('POST');
export { refused as GET, refused as PUT, refused as PATCH, refused as DELETE };
