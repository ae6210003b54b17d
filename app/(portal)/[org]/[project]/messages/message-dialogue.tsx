import type { AttemptDialogue } from '#lib/messages/get-message-dialogue.ts';
import { Dialogue, type DialogueLine } from '#app/_ui/machine-words.tsx';
import { PanelSection } from '#app/_ui/side-panel.tsx';
import { LinkButton } from '#app/_ui/button.tsx';

const speakers = { sent: 'us', received: 'them', note: 'note' } as const satisfies Record<
  string,
  DialogueLine['from']
>;

/** What email debug kept of the dialogue with the server, try by try. */
export function MessageDialogue({
  dialogues,
  settingsHref,
}: {
  dialogues: readonly AttemptDialogue[];
  settingsHref: string;
}) {
  if (dialogues.length === 0) {
    return (
      <PanelSection>
        <p className="mb-3 text-text-2">Not kept: email debug was off when this mail was tried.</p>
        <LinkButton href={settingsHref}>Switch on for the next tries</LinkButton>
      </PanelSection>
    );
  }
  return dialogues.map(({ number, lines }) => (
    <PanelSection key={number} title={`Try ${number}`} end="ms">
      <Dialogue
        lines={lines.map((line) => ({ atMs: line.atMs, from: speakers[line.direction], text: line.text }))}
      />
    </PanelSection>
  ));
}
