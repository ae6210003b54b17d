import { floodSchema } from '#lib/api/pool-schemas.ts';
import { readFlood } from '#lib/flood/read-flood.ts';
import { apiRoute, json, refuseMethod } from '../../../api-route.ts';

/** From when on mail of the project is held as a flood, and what people let through. */
export const GET = apiRoute<{ readonly project: string }>(async ({ ctx, params }) =>
  json(floodSchema.parse(await readFlood(ctx, { project: params.project }))),
);

const refused = refuseMethod('GET');
export { refused as POST, refused as PUT, refused as PATCH, refused as DELETE };
