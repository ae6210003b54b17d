import { answerHeldFile } from '../../../../held-list/held-file.ts';

/** The mails of the list as a file. */
export async function GET(
  request: Request,
  { params }: { params: Promise<{ org: string }> },
): Promise<Response> {
  const { org } = await params;
  return answerHeldFile(request, { organization: org, project: null, state: 'suspended' });
}
