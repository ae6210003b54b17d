import type { AttemptDialogue } from '#lib/messages/get-message-dialogue.ts';
import type { MessageContent } from '#lib/messages/get-message-content.ts';
import type { MessageDetail } from '#lib/messages/get-message.ts';
import { paths } from '#lib/paths.ts';
import { PanelSection } from '#app/_ui/side-panel.tsx';
import { type TabPane, Tabs } from '#app/_ui/tabs.tsx';
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

export interface MessageDetailProps {
  readonly loaded: LoadedMessage;
  readonly organization: string;
}

/** All of one message in the panel beside the list, one part under the other. */
export function MessageInPanel({ loaded, organization }: MessageDetailProps) {
  const { message } = loaded;
  return (
    <>
      <section className="border-b-0! pb-3.5!">
        <h2 className="text-base font-semibold break-words">{subjectOf(message)}</h2>
        <p className="mono mt-0.5 break-all text-text-2">{recipientsOf(message)}</p>
        <div className="mt-3 empty:hidden">
          <MessageNote message={message} />
        </div>
      </section>
      <Tabs
        key={message.id}
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
          ...evidence(loaded, organization),
        ]}
      />
    </>
  );
}

/** All of one message on its own page: what happened on the left, whom and what it concerns on the right. */
export function MessageOnPage({ loaded, organization }: MessageDetailProps) {
  const { message } = loaded;
  const timeline = { id: 'timeline', label: 'Timeline', pane: <MessageTimeline message={message} /> };
  return (
    <>
      <div className="px-gutter pb-4 empty:hidden">
        <MessageNote message={message} />
      </div>
      <div className="message-page split">
        <div>
          <Tabs label="Message" tabs={[timeline, ...evidence(loaded, organization)]} />
        </div>
        <div>
          <MessageFacts message={message} organization={organization} />
        </div>
      </div>
    </>
  );
}

export function subjectOf({ subject }: MessageDetail): string {
  return subject === '' ? 'No subject' : subject;
}

export function recipientsOf({ firstRecipient, recipientCount }: MessageDetail): string {
  return recipientCount === 1 ? firstRecipient : `${firstRecipient} and ${recipientCount - 1} more`;
}

function evidence(
  { message, content, contentRefusal, dialogues }: LoadedMessage,
  organization: string,
): TabPane[] {
  const project = message.project.slug;
  const refusal = (
    <PanelSection>
      <p className="text-text-2">{contentRefusal}</p>
    </PanelSection>
  );
  return [
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
        <MessageDialogue dialogues={dialogues} settingsHref={paths.mailSettings(organization, project)} />
      ),
    },
  ];
}
