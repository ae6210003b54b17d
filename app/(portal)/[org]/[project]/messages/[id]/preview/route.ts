import { getMessageContent } from '#lib/messages/get-message-content.ts';
import { answerFile } from '#app/_server/answer-file.ts';

interface PreviewRoute {
  params: Promise<{ org: string; project: string; id: string }>;
}

// The mail is not cleaned, so nothing in it may load, run, be submitted or leave its frame.
const policy =
  "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

/** The HTML of a mail for the sandboxed frame of its page. */
export async function GET(_request: Request, { params }: PreviewRoute): Promise<Response> {
  const { org, project, id } = await params;
  return answerFile(org, async (ctx) => {
    const { html } = await getMessageContent(ctx, { project, id });
    return new Response(html ?? '', {
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': policy,
        'x-frame-options': 'SAMEORIGIN',
        'referrer-policy': 'no-referrer',
      },
    });
  });
}
