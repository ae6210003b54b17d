import { CopyButton } from '#app/_ui/copy-button.tsx';
import { MessageStatePill } from '#app/_ui/pill.tsx';
import { SidePanel } from '#app/_ui/side-panel.tsx';
import { TextLink } from '#app/_ui/text-link.tsx';
import { paths } from '#lib/paths.ts';
import { MessageButtons } from './message-buttons.tsx';
import { type LoadedMessage, MessageInPanel } from './message-detail.tsx';

/** One message beside the list. */
export function MessagePanel({ loaded, organization }: { loaded: LoadedMessage; organization: string }) {
  const { message } = loaded;
  const { cancel, release, resend, tryNow, hold, resume, putBack, decide } = message.may;
  const isActionable = [cancel, release, resend, tryNow, hold, resume, putBack, decide].some(Boolean);
  return (
    <SidePanel
      label="Message"
      closeParam="message"
      header={
        <>
          <MessageStatePill state={message.state} />
          <span className="mono min-w-0 flex-1 truncate text-text-3">{message.id}</span>
          <TextLink href={paths.message(organization, message.project.slug, message.id)}>Open page</TextLink>
          <CopyButton text={message.id} label="Copy id" />
        </>
      }
      footer={isActionable ? <MessageButtons organization={organization} message={message} /> : undefined}
    >
      <MessageInPanel loaded={loaded} organization={organization} />
    </SidePanel>
  );
}
