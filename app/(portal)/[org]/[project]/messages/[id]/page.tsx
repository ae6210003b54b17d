import type { Metadata } from 'next';
import { PageCrumb } from '#app/_components/shell-context.tsx';
import { PageHead } from '#app/_components/page-head.tsx';
import { WorkArea } from '#app/_components/work-area.tsx';
import { readOrNotFound, requireContext } from '#app/_server/context.ts';
import { Mono } from '#app/_ui/machine-words.tsx';
import { MessageStatePill } from '#app/_ui/pill.tsx';
import { loadMessage } from '../load-message.ts';
import { MessageButtons } from '../message-buttons.tsx';
import { MessageOnPage, recipientsOf, subjectOf } from '../message-detail.tsx';

export const metadata: Metadata = { title: 'Message' };

interface MessagePageProps {
  params: Promise<{ org: string; project: string; id: string }>;
}

/** One message on a page of its own, for a link that is passed on. */
export default async function MessagePage({ params }: MessagePageProps) {
  const { org, project, id } = await params;
  const ctx = await requireContext(org);
  const loaded = await readOrNotFound(loadMessage(ctx, project, id));
  const { message } = loaded;
  return (
    <WorkArea>
      <PageCrumb label={id.slice(0, 13)} />
      <PageHead title={subjectOf(message)} actions={<MessageButtons organization={org} message={message} />}>
        <span className="row flex-wrap">
          <MessageStatePill state={message.state} />
          <Mono className="break-all">{recipientsOf(message)}</Mono>
        </span>
      </PageHead>
      <MessageOnPage loaded={loaded} organization={org} />
    </WorkArea>
  );
}
