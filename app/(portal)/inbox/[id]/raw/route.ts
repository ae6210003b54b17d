import { notFound } from 'next/navigation';
import { readMailBytes } from '#lib/inbox/inbox-folder.ts';
import { requireInbox } from '../../../../_server/inbox.ts';

/** The bytes of one mail as they arrived, to be saved and never to be shown by the browser. */
export async function GET(
  _request: Request,
  { params }: { params: Promise<{ id: string }> },
): Promise<Response> {
  const { folder, mayRead } = await requireInbox();
  const { id } = await params;
  const bytes = mayRead ? await readMailBytes(folder, id) : null;
  if (bytes === null) notFound();
  return new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': 'message/rfc822',
      'content-disposition': `attachment; filename="${id}.eml"`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store',
    },
  });
}
