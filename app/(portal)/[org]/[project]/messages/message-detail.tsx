import type { AttemptDialogue } from '#lib/messages/get-message-dialogue.ts';
import type { MessageContent } from '#lib/messages/get-message-content.ts';
import type { MessageDetail } from '#lib/messages/get-message.ts';
import { paths } from '#lib/paths.ts';
import { PanelSection } from '#app/_ui/side-panel.tsx';
import { Tabs } from '#app/_ui/tabs.tsx';
import { MessageContentPane } from './message-content.tsx';
import { MessageDialogue } from './message-dialogue.tsx';
import { MessageFacts } from './message-facts.tsx';
import { MessageHeaders } from './message-headers.tsx';
import { MessageNote } from './message-note.tsx';
import { MessageTimeline } from './message-timeline.tsx';

export interface LoadedMessage {
  readonly message: MessageDetail;
  readonly dialogues: readonly AttemptDialogue[];
  /** Null where it may not be read or is no longer kept; `contentRefusal` says which. */
  readonly content: MessageContent | null;
  readonly contentRefusal: string | null;
}

/** All of one message, in the panel beside the list and on a page of its own. */
export function MessageDetailView({ loaded, organization }: { loaded: LoadedMessage; organization: string }) {
  const { message, content, dialogues } = loaded;
  const project = message.project.slug;
  const refusal = (
    <PanelSection>
      <p className="text-text-2">{loaded.contentRefusal}</p>
    </PanelSection>
  );
  return (
    <>
      <section className="border-b-0! pb-3.5!">
        <h2 className="text-base font-semibold break-words">
          {message.subject === '' ? 'No subject' : message.subject}
        </h2>
        <p className="mono mt-0.5 break-all text-text-2">
          {message.firstRecipient}
          {message.recipientCount > 1 && ` and ${message.recipientCount - 1} more`}
        </p>
        <div className="mt-3 empty:hidden">
          <MessageNote message={message} />
        </div>
      </section>
      <Tabs
        label="Message"
        tabs={[
          {
            id: 'timeline',
            label: 'Timeline',
            pane: (
              <>
                <MessageTimeline message={message} />
                <MessageFacts message={message} organization={organization} />
              </>
            ),
          },
          {
            id: 'headers',
            label: 'Headers',
            pane: content === null ? refusal : <MessageHeaders content={content} />,
          },
          {
            id: 'content',
            label: 'Content',
            pane:
              content === null ? (
                refusal
              ) : (
                <MessageContentPane
                  content={content}
                  previewHref={paths.messagePreview(organization, project, message.id)}
                  rawHref={paths.messageRaw(organization, project, message.id)}
                />
              ),
          },
          {
            id: 'dialogue',
            label: 'Dialogue',
            pane: (
              <MessageDialogue
                dialogues={dialogues}
                settingsHref={paths.mailSettings(organization, project)}
              />
            ),
          },
        ]}
      />
    </>
  );
}
