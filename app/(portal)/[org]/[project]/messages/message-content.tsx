import type { MessageContent } from '#lib/messages/get-message-content.ts';
import { formatBytes } from '#app/_ui/format-number.ts';
import { CodeBlock } from '#app/_ui/machine-words.tsx';
import { PanelSection } from '#app/_ui/side-panel.tsx';
import { TextLink } from '#app/_ui/text-link.tsx';

/** A safe look at the content: nothing in it is loaded or run. */
export function MessageContentPane({
  content,
  previewHref,
  rawHref,
}: {
  content: MessageContent;
  previewHref: string;
  rawHref: string;
}) {
  return (
    <>
      {content.isTooLarge && (
        <PanelSection>
          <p className="text-text-2">This mail is too large to be shown here. The download has all of it.</p>
        </PanelSection>
      )}
      {content.html !== null && (
        <PanelSection title="As HTML, nothing in it is loaded or run">
          <iframe
            title="The mail as HTML"
            src={previewHref}
            sandbox=""
            className="h-96 w-full rounded-md border border-line bg-white"
          />
        </PanelSection>
      )}
      {content.text !== null && content.text.trim() !== '' && (
        <PanelSection title="As text">
          <CodeBlock>{content.text}</CodeBlock>
        </PanelSection>
      )}
      {content.attachments.length > 0 && (
        <PanelSection title="Attachments">
          <ul className="grid gap-1">
            {content.attachments.map((attachment, position) => (
              <li key={position} className="flex gap-2">
                <span className="mono min-w-0 flex-1 break-all">
                  {attachment.fileName ?? 'without a name'}
                </span>
                <span className="text-text-3">
                  {attachment.contentType}
                  {attachment.isInline && ', inline'}
                </span>
                <span className="text-text-2 tabular-nums">{formatBytes(attachment.sizeBytes)}</span>
              </li>
            ))}
          </ul>
        </PanelSection>
      )}
      <PanelSection>
        <TextLink href={rawHref} prefetch={false}>
          Download as .eml
        </TextLink>
      </PanelSection>
    </>
  );
}
