import { answerHeldFile } from '../../../../held-list/held-file.ts';

interface FileRoute {
  params: Promise<{ org: string; project: string }>;
}

/** The mails of the list as a file. */
export async function GET(request: Request, { params }: FileRoute): Promise<Response> {
  const { org, project } = await params;
  return answerHeldFile(request, { organization: org, project, state: 'suspended' });
}
