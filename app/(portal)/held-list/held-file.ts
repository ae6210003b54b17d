import { exportHeld } from '#lib/backlog/export-held.ts';
import { answerFile } from '#app/_server/answer-file.ts';
import { streamOf } from '#app/_server/stream-of.ts';
import { readFileQuery } from './held-file-query.ts';
import type { HeldPlace } from './held-place.ts';

/** The held mails that the address asks for, streamed as a download. */
export function answerHeldFile(request: Request, place: HeldPlace): Promise<Response> {
  return answerFile(place.organization, async (ctx) => {
    const { format, project, selection } = readFileQuery(new URL(request.url).searchParams, ctx.clock.now());
    const file = await exportHeld(ctx, {
      project: place.project ?? project,
      state: place.state,
      format,
      selection,
    });
    return new Response(streamOf(file.bytes()), {
      headers: {
        'content-type': file.mediaType,
        'content-disposition': `attachment; filename="${place.project ?? place.organization}-${file.fileName}"`,
      },
    });
  });
}
