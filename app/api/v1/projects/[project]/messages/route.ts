import { listQuery } from '#lib/api/list-query.ts';
import { pageSchema } from '#lib/api/responses.ts';
import { readIdempotency } from '#lib/api/read-idempotency.ts';
import { readJsonBody } from '#lib/api/read-body.ts';
import { requestLimitBytes } from '#lib/api/request-limit.ts';
import { acceptMessage } from '#lib/messages/accept-message.ts';
import { listMessages } from '#lib/messages/list-messages.ts';
import { apiRoute, json, refuseMethod } from '../../../api-route.ts';

interface Params {
  readonly project: string;
}

/** Accepts one message. */
export const POST = apiRoute<Params>(
  async ({ ctx, request, params }) => {
    const body = await readJsonBody(request, requestLimitBytes(ctx.settings));
    const idempotency = readIdempotency(request, body.bytes);
    const answer = await acceptMessage(ctx, params.project, body.value, { idempotency });
    if (answer.kind === 'dry_run') return json(answer.dryRun);
    return json(answer.message, 202, answer.isReplay ? { 'idempotency-replayed': 'true' } : {});
  },
  { mayBeKept: true },
);

/** Lists messages, newest first. */
export const GET = apiRoute<Params>(async ({ ctx, request, params }) => {
  const query = listQuery(new URL(request.url).searchParams);
  return json(pageSchema.parse(await listMessages(ctx, { ...query, project: params.project })));
});

const refused = refuseMethod('GET, POST');
export { refused as PUT, refused as PATCH, refused as DELETE };
