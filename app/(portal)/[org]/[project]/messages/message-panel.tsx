import { CopyButton } from '#app/_ui/copy-button.tsx';
import { MessageStatePill } from '#app/_ui/pill.tsx';
import { SidePanel } from '#app/_ui/side-panel.tsx';
import { TextLink } from '#app/_ui/text-link.tsx';
import { paths } from '#lib/paths.ts';
import { MessageButtons } from './message-buttons.tsx';
import { type LoadedMessage, MessageDetailView } from './message-detail.tsx';

/** One message beside the list. */
export function MessagePanel({
  loaded,
  organization,
  closeHref,
}: {
  loaded: LoadedMessage;
  organization: string;
  closeHref: string;
}) {
  const { message } = loaded;
  const { may } = message;
  const hasButtons = may.cancel || may.release || may.resend || may.tryNow;
  return (
    <SidePanel
      label="Message"
      closeHref={closeHref}
      header={
        <>
          <MessageStatePill state={message.state} />
          <span className="mono min-w-0 flex-1 truncate text-text-3">{message.id}</span>
          <TextLink href={paths.message(organization, message.project.slug, message.id)}>Open page</TextLink>
          <CopyButton text={message.id} label="Copy id" />
        </>
      }
      footer={
        hasButtons ? (
          <MessageButtons
            organization={organization}
            project={message.project.slug}
            id={message.id}
            subject={message.subject}
            recipientCount={message.recipientCount}
            may={may}
          />
        ) : undefined
      }
    >
      <MessageDetailView loaded={loaded} organization={organization} />
    </SidePanel>
  );
}
