import { batchAnswer } from '#lib/api/batch-answer.ts';
import { readBatch } from '#lib/api/read-batch.ts';
import { readJsonBody } from '#lib/api/read-body.ts';
import { requestLimitBytes } from '#lib/api/request-limit.ts';
import { acceptBatch } from '#lib/messages/accept-batch.ts';
import { apiRoute, json, refuseMethod } from '../../../../api-route.ts';

/** Accepts up to 500 messages, each with its own result. */
export const POST = apiRoute<{ readonly project: string }>(
  async ({ ctx, request, params }) => {
    const body = await readJsonBody(request, requestLimitBytes(ctx.settings));
    const path = new URL(request.url).pathname;
    const results = await acceptBatch(ctx, params.project, readBatch(body.value), { path });
    return json(batchAnswer(results, ctx.settings.portalUrl));
  },
  { mayBeKept: true },
);

const refused = refuseMethod('POST');
export { refused as GET, refused as PUT, refused as PATCH, refused as DELETE };
