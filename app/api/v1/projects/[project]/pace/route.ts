import { projectPaceSchema } from '#lib/api/pool-schemas.ts';
import { readProjectPace } from '#lib/pools/read-project-pace.ts';
import { apiRoute, json, refuseMethod } from '../../../api-route.ts';

/** What paces the project's mail at this moment. */
export const GET = apiRoute<{ readonly project: string }>(async ({ ctx, params }) =>
  json(projectPaceSchema.parse({ pace: await readProjectPace(ctx, { project: params.project }) })),
);

const refused = refuseMethod('GET');
export { refused as POST, refused as PUT, refused as PATCH, refused as DELETE };
