import { bulkRunSchema } from '#lib/api/backlog-schemas.ts';
import { readBulkRun } from '#lib/backlog/list-bulk-runs.ts';
import { apiRoute, json, refuseMethod } from '../../../../../api-route.ts';

/** How far a resume or suspend has come. */
export const GET = apiRoute<{ readonly project: string; readonly run: string }>(async ({ ctx, params }) =>
  json(bulkRunSchema.parse(await readBulkRun(ctx, params))),
);

const refused = refuseMethod('GET');
export { refused as POST, refused as PUT, refused as PATCH, refused as DELETE };
