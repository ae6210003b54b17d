import { openRawMessage } from '#lib/messages/open-raw-message.ts';
import { answerFile } from '#app/_server/answer-file.ts';
import { streamOf } from '#app/_server/stream-of.ts';

interface RawRoute {
  params: Promise<{ org: string; project: string; id: string }>;
}

/** The message as it goes on the wire, as a download. */
export async function GET(_request: Request, { params }: RawRoute): Promise<Response> {
  const { org, project, id } = await params;
  return answerFile(org, async (ctx) => {
    const raw = await openRawMessage(ctx, { project, id });
    return new Response(streamOf(raw.bytes()), {
      headers: {
        'content-type': 'message/rfc822',
        'content-disposition': `attachment; filename="${id}.eml"`,
      },
    });
  });
}
