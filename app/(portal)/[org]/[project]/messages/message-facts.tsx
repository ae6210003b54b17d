import type { MessageDetail } from '#lib/messages/get-message.ts';
import type { RecipientView } from '#lib/messages/present-detail.ts';
import { recipientLabels } from '#lib/messages/labels.ts';
import { paths } from '#lib/paths.ts';
import { DescriptionList } from '#app/_ui/description-list.tsx';
import { formatBytes } from '#app/_ui/format-number.ts';
import { Glyph, type GlyphName, type GlyphTone } from '#app/_ui/glyph.tsx';
import { Mono } from '#app/_ui/machine-words.tsx';
import { Tag } from '#app/_ui/pill.tsx';
import { PanelSection } from '#app/_ui/side-panel.tsx';
import { TextLink } from '#app/_ui/text-link.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';

const recipientGlyphs: Record<RecipientView['state'], { name: GlyphName; tone: GlyphTone }> = {
  pending: { name: 'queued', tone: 'grey' },
  accepted: { name: 'sent', tone: 'green' },
  refused: { name: 'failed', tone: 'red' },
  captured: { name: 'captured', tone: 'ink' },
  suppressed: { name: 'cancelled', tone: 'grey' },
};

/** Who gets the mail, each recipient with its own result, and what else is known of it. */
export function MessageFacts({ message, organization }: { message: MessageDetail; organization: string }) {
  const accepted = message.recipients.filter(({ state }) => state === 'accepted').length;
  return (
    <>
      <PanelSection title="Recipients" end={`${accepted} of ${message.recipients.length} accepted`}>
        <ul className="grid gap-2">
          {message.recipients.map((recipient) => (
            <Recipient key={recipient.address} recipient={recipient} />
          ))}
        </ul>
      </PanelSection>
      <PanelSection title="Envelope">
        <DescriptionList facts={facts(message, organization)} />
      </PanelSection>
    </>
  );
}

function Recipient({ recipient }: { recipient: RecipientView }) {
  const { name, tone } = recipientGlyphs[recipient.state];
  return (
    <li className="flex gap-2">
      <span className="flex h-5 items-center">
        <Glyph name={name} tone={tone} />
      </span>
      <span className="min-w-0 flex-1">
        <span className="mono break-all">{recipient.address}</span>
        {recipient.kind !== 'to' && (
          <span className="text-text-3">
            {' '}
            {recipient.kind === 'envelope' ? 'envelope only' : recipient.kind}
          </span>
        )}
        {recipient.reply !== null && recipient.state !== 'accepted' && (
          <span className="mono mt-0.5 block text-xs break-words text-text-2">{recipient.reply}</span>
        )}
      </span>
      <span className="text-text-3">{recipientLabels[recipient.state]}</span>
    </li>
  );
}

const priorityWords = { high: 'High', normal: 'Normal', low: 'Low' } as const satisfies Record<
  MessageDetail['priority'],
  string
>;

function facts(message: MessageDetail, organization: string) {
  const link = (id: string) => (
    <TextLink href={paths.message(organization, message.project.slug, id)}>
      <Mono>{id.slice(0, 18)}</Mono>
    </TextLink>
  );
  const metadata = Object.entries(message.metadata);
  return [
    { name: 'Id', value: message.id, mono: true },
    { name: 'From', value: message.from ?? 'The configured sender', mono: message.from !== null },
    ...(message.envelopeFrom === null
      ? []
      : [{ name: 'Return path', value: message.envelopeFrom, mono: true }]),
    { name: 'Message-ID', value: message.messageId, mono: true },
    { name: 'Category', value: message.category },
    { name: 'Priority', value: priorityWords[message.priority] },
    { name: 'Size', value: formatBytes(message.sizeBytes) },
    ...(message.sendAt === null
      ? []
      : [{ name: 'Send at', value: <RelativeTime iso={message.sendAt} style="clock" /> }]),
    ...(message.expiresAt === null
      ? []
      : [{ name: 'Expires', value: <RelativeTime iso={message.expiresAt} style="clock" /> }]),
    ...(message.tags.length === 0
      ? []
      : [
          {
            name: 'Tags',
            value: (
              <span className="flex flex-wrap gap-1">
                {message.tags.map((tag) => (
                  <Tag key={tag}>{tag}</Tag>
                ))}
              </span>
            ),
          },
        ]),
    ...(metadata.length === 0
      ? []
      : [
          {
            name: 'Metadata',
            value: metadata.map(([key, value]) => (
              <span key={key} className="block">
                {key}: {value}
              </span>
            )),
            mono: true,
          },
        ]),
    ...(message.resendOf === null ? [] : [{ name: 'Sent again from', value: link(message.resendOf) }]),
    ...(message.resends.length === 0
      ? []
      : [
          {
            name: 'Sent again',
            value: message.resends.map((resend) => (
              <span key={resend.id} className="block">
                {link(resend.id)} to <Mono>{resend.to}</Mono>
              </span>
            )),
          },
        ]),
  ];
}
