import type { AuditEntryView } from '#lib/audit/list-audit-entries.ts';
import { DescriptionList } from '../../_ui/description-list.tsx';
import { Mono } from '../../_ui/machine-words.tsx';
import { PanelSection, SidePanel } from '../../_ui/side-panel.tsx';
import { RelativeTime } from '../../_ui/time.tsx';
import { EntryDetail } from './entry-detail.tsx';
import { historyParams } from './history-query.ts';

const kinds: Readonly<Record<AuditEntryView['byKind'], string>> = {
  user: 'a person',
  key: 'an API key',
  operator: 'the operator',
  system: 'Mailroom itself',
};

/** One entry in full: from where it came, and what exactly changed. */
export function EntryPanel({ entry }: { entry: AuditEntryView }) {
  return (
    <SidePanel
      label="Entry"
      header={<b className="truncate">{entry.words}</b>}
      closeParam={historyParams.entry}
    >
      <PanelSection>
        <DescriptionList
          facts={[
            { name: 'Who', value: `${entry.by}, ${kinds[entry.byKind]}` },
            { name: 'When', value: <RelativeTime iso={entry.at} style="exact" /> },
            { name: 'To what', value: entry.object.label ?? entry.object.kind.replaceAll('_', ' ') },
            { name: 'Project', value: entry.project?.name ?? 'none' },
            {
              name: 'From',
              value: entry.sourceIp === null ? 'inside Mailroom' : <Mono>{entry.sourceIp}</Mono>,
            },
            ...(entry.userAgent === null ? [] : [{ name: 'Program', value: entry.userAgent }]),
            { name: 'Action', value: <Mono>{entry.action}</Mono> },
            { name: 'Entry', value: <Mono>{entry.id}</Mono> },
          ]}
        />
      </PanelSection>
      <EntryDetail detail={entry.detail} />
    </SidePanel>
  );
}
