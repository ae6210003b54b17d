import { Download } from 'lucide-react';
import { framedHtml, type InboxMail } from '#lib/inbox/read-mail.ts';
import { paths } from '#lib/paths.ts';
import { DescriptionList } from '../../_ui/description-list.tsx';
import { formatBytes } from '../../_ui/format-number.ts';
import { Icon } from '../../_ui/icon.tsx';
import { CodeBlock } from '../../_ui/machine-words.tsx';
import { PanelSection, SidePanel } from '../../_ui/side-panel.tsx';
import { Tabs, type TabPane } from '../../_ui/tabs.tsx';
import { RelativeTime } from '../../_ui/time.tsx';
import { takenBy } from './taken-by.ts';

/** One mail of the built-in inbox: who really got it, how it looks, and its headers. */
export function MailPanel({ mail }: { mail: InboxMail }) {
  const { entry } = mail;
  return (
    <SidePanel
      label="Mail"
      closeParam="mail"
      header={
        <>
          <h2 className="min-w-0 flex-1 truncate font-medium">{entry.subject || '(no subject)'}</h2>
          <span className="text-text-3">
            <RelativeTime iso={entry.receivedAt} />
          </span>
        </>
      }
      footer={
        <a className="btn big" href={paths.inboxRaw(entry.id)} download>
          <Icon icon={Download} size={14} />
          Download as .eml
        </a>
      }
    >
      <PanelSection title="Envelope" end={formatBytes(entry.sizeBytes)}>
        <DescriptionList
          mono
          facts={[
            { name: 'Taken by', value: takenBy[entry.via] },
            { name: 'Sender', value: entry.envelopeFrom || '(empty)' },
            { name: 'Recipients', value: entry.envelopeTo.join(', ') },
          ]}
        />
      </PanelSection>
      <PanelSection title="Message">
        <DescriptionList
          facts={[
            { name: 'From', value: entry.from },
            { name: 'To', value: mail.to.join(', ') },
            { name: 'Cc', value: mail.cc.join(', ') },
            { name: 'Reply-To', value: mail.replyTo.join(', ') },
            { name: 'Message-ID', value: entry.messageId, mono: true },
          ]}
        />
      </PanelSection>
      <Tabs key={entry.id} label="Mail" tabs={panes(mail)} />
    </SidePanel>
  );
}

function panes(mail: InboxMail): TabPane[] {
  const { html, text, attachments, headers } = mail;
  const files = attachments.filter((attachment) => !attachment.isInline);
  return [
    ...(html === null ? [] : [{ id: 'html', label: 'HTML', pane: <HtmlFrame html={html} /> }]),
    ...(text === null ? [] : [{ id: 'text', label: 'Text', pane: <Words>{text}</Words> }]),
    ...(files.length === 0
      ? []
      : [{ id: 'files', label: `Attachments (${files.length})`, pane: <Files files={files} /> }]),
    {
      id: 'headers',
      label: 'Headers',
      pane: <Words>{headers.map((header) => `${header.name}: ${header.value}`).join('\n')}</Words>,
    },
  ];
}

// No script, no form, no address of its own: the mail can only be looked at. Its links open in a new tab.
function HtmlFrame({ html }: { html: string }) {
  return (
    <PanelSection>
      <iframe
        title="The mail’s HTML"
        sandbox="allow-popups allow-popups-to-escape-sandbox"
        referrerPolicy="no-referrer"
        srcDoc={framedHtml(html)}
        className="h-[28rem] w-full rounded-md border border-line bg-white"
      />
    </PanelSection>
  );
}

function Words({ children }: { children: string }) {
  return (
    <PanelSection>
      <CodeBlock>{children}</CodeBlock>
    </PanelSection>
  );
}

function Files({ files }: { files: InboxMail['attachments'] }) {
  return (
    <PanelSection>
      <DescriptionList
        facts={files.map((file, index) => ({
          name: `${index + 1}`,
          value: `${file.name} (${file.mimeType}, ${formatBytes(file.sizeBytes)})`,
        }))}
      />
    </PanelSection>
  );
}
