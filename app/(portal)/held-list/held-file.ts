import { z } from 'zod';
import { exportHeld } from '#lib/backlog/export-held.ts';
import { exportFormats } from '#lib/backlog/schemas.ts';
import { isId } from '#lib/ids.ts';
import { answerFile } from '#app/_server/answer-file.ts';
import { streamOf } from '#app/_server/stream-of.ts';
import type { HeldPlace } from './held-place.ts';
import { heldFiltersOf, heldSearch } from './held-search.ts';

const mostIds = 200;

const fileQuery = heldSearch.extend({
  format: z.enum(exportFormats, { error: 'The file is csv, mbox or eml.' }),
  /** Ticked mails, separated by commas; without them all that the filter matches. */
  ids: z
    .string()
    .transform((text) => text.split(','))
    .pipe(
      z
        .array(z.string().refine(isId, 'This is not the id of a message.'))
        .max(mostIds, `At most ${mostIds} ticked mails go into one file; export by a filter instead.`),
    )
    .optional(),
});

/** The held mails that the address asks for, streamed as a download. */
export function answerHeldFile(request: Request, place: HeldPlace): Promise<Response> {
  return answerFile(place.organization, async (ctx) => {
    const query = fileQuery.parse(Object.fromEntries(new URL(request.url).searchParams));
    const { format, ids } = query;
    const file = await exportHeld(ctx, {
      project: place.project ?? query.project ?? null,
      state: place.state,
      format,
      selection: ids === undefined ? { filter: heldFiltersOf(query, ctx.clock.now()) } : { ids },
    });
    return new Response(streamOf(file.bytes()), {
      headers: {
        'content-type': file.mediaType,
        'content-disposition': `attachment; filename="${place.project ?? place.organization}-${file.fileName}"`,
      },
    });
  });
}
