import type { Metadata } from 'next';
import { PageCrumb } from '#app/_components/shell-context.tsx';
import { PageHead } from '#app/_components/page-head.tsx';
import { WorkArea } from '#app/_components/work-area.tsx';
import { readOrNotFound, requireContext } from '#app/_server/context.ts';
import { MonoValue } from '#app/_ui/copy-button.tsx';
import { MessageStatePill } from '#app/_ui/pill.tsx';
import { loadMessage } from '../load-message.ts';
import { MessageButtons } from '../message-buttons.tsx';
import { MessageDetailView } from '../message-detail.tsx';

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
      <PageHead
        title="Message"
        actions={
          <MessageButtons
            organization={org}
            project={message.project.slug}
            id={message.id}
            subject={message.subject}
            recipientCount={message.recipientCount}
            may={message.may}
          />
        }
      >
        <span className="row">
          <MessageStatePill state={message.state} />
          <MonoValue value={message.id} label="Copy id" />
        </span>
      </PageHead>
      <div className="message-page">
        <MessageDetailView loaded={loaded} organization={org} />
      </div>
    </WorkArea>
  );
}
