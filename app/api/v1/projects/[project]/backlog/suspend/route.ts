import { bulkRunSchema } from '#lib/api/backlog-schemas.ts';
import { readJsonBody } from '#lib/api/read-body.ts';
import { requestLimitBytes } from '#lib/api/request-limit.ts';
import { requestSuspend } from '#lib/backlog/request-bulk-run.ts';
import { apiRoute, json, refuseMethod } from '../../../../api-route.ts';

/** Takes held mails out of the backlog. */
export const POST = apiRoute<{ readonly project: string }>(async ({ ctx, request, params }) => {
  const body = await readJsonBody(request, requestLimitBytes(ctx.settings));
  const run = await requestSuspend(ctx, params.project, body.value);
  return json(bulkRunSchema.parse(run), run.state === 'running' ? 202 : 200);
});

const refused = refuseMethod('POST');
export { refused as GET, refused as PUT, refused as PATCH, refused as DELETE };
