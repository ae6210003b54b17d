import { projectLimitsSchema } from '#lib/api/responses.ts';
import { readProjectLimits } from '#lib/limits/read-project-limits.ts';
import { apiRoute, json, refuseMethod } from '../../../api-route.ts';

interface Params {
  readonly project: string;
}

/** The limits that mail of the project meets, what is left of them and when the day ends. */
export const GET = apiRoute<Params>(async ({ ctx, params }) =>
  json(projectLimitsSchema.parse(await readProjectLimits(ctx, { project: params.project }))),
);

const refused = refuseMethod('GET');
export { refused as POST, refused as PUT, refused as PATCH, refused as DELETE };
