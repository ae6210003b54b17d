import { DescriptionList } from '#app/_ui/description-list.tsx';
import { PanelSection } from '#app/_ui/side-panel.tsx';
import type { MessageContent } from '#lib/messages/get-message-content.ts';

/** The headers as they go out; those that the settings fill are named. */
export function MessageHeaders({ content }: { content: MessageContent }) {
  return (
    <PanelSection>
      <DescriptionList
        mono
        wide
        facts={content.headers.map(({ name, value }, position) => ({
          name: headerName(content, name, position),
          value,
        }))}
      />
      {content.filledHeaders.length > 0 && (
        <p className="mt-3 text-xs text-text-3">
          {content.filledHeaders.map(shownName).join(' and ')}{' '}
          {content.filledHeaders.length === 1 ? 'is' : 'are'} filled from the mail settings when the mail
          starts.
        </p>
      )}
    </PanelSection>
  );
}

// "reply-to" as the list writes it: "Reply-To".
function shownName(name: string): string {
  return name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase());
}

// A header may stand several times; the list needs a name for each.
function headerName(content: MessageContent, name: string, position: number): string {
  const earlier = content.headers.slice(0, position).filter((header) => header.name === name).length;
  return earlier === 0 ? name : `${name} (${earlier + 1})`;
}
