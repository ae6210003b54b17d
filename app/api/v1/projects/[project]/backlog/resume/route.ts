import { bulkRunSchema } from '#lib/api/backlog-schemas.ts';
import { readJsonBody } from '#lib/api/read-body.ts';
import { requestLimitBytes } from '#lib/api/request-limit.ts';
import { requestResume } from '#lib/backlog/request-bulk-run.ts';
import { apiRoute, json, refuseMethod } from '../../../../api-route.ts';

/** Lets held mails go. */
export const POST = apiRoute<{ readonly project: string }>(async ({ ctx, request, params }) => {
  const body = await readJsonBody(request, requestLimitBytes(ctx.settings));
  const run = await requestResume(ctx, params.project, body.value);
  return json(bulkRunSchema.parse(run), run.state === 'running' ? 202 : 200);
});

const refused = refuseMethod('POST');
export { refused as GET, refused as PUT, refused as PATCH, refused as DELETE };
