import { z } from 'zod';
import { detailWords } from '#lib/audit/action-words.ts';
import type { AuditEntryView } from '#lib/audit/list-audit-entries.ts';
import { settingsChange, type SettingsChange } from '#lib/settings/describe-changes.ts';
import { settingsLabels } from '#lib/settings/labels.ts';
import { DescriptionList } from '../../_ui/description-list.tsx';
import { PanelSection } from '../../_ui/side-panel.tsx';

const changesOf = z.array(settingsChange);
const labels: ReadonlyMap<string, string> = new Map(
  Object.entries(settingsLabels).map(([path, { label }]) => [path, label]),
);

/** "expiresAt" → "Expires at". */
function words(key: string): string {
  const spaced = key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

function text(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return detailWords[value] ?? value;
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(text).join(', ');
  return Object.entries(value)
    .map(([key, inner]) => `${words(key).toLowerCase()} ${text(inner)}`)
    .join(', ');
}

/** What the entry says beyond its line: fields before and after, and the rest by name. */
export function EntryDetail({ detail }: { detail: AuditEntryView['detail'] }) {
  const parsed = changesOf.safeParse(detail['changes']);
  const changes = parsed.success ? parsed.data : [];
  const others = Object.entries(detail).filter(([key]) => !(parsed.success && key === 'changes'));
  return (
    <>
      {others.length > 0 && (
        <PanelSection title="Details">
          <DescriptionList facts={others.map(([key, value]) => ({ name: words(key), value: text(value) }))} />
        </PanelSection>
      )}
      {changes.length > 0 && <Changes changes={changes} />}
    </>
  );
}

function Changes({ changes }: { changes: readonly SettingsChange[] }) {
  return (
    <table className="cmp" aria-label="Changed fields">
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => (
          <tr key={change.field}>
            <th scope="row">{labels.get(change.field) ?? change.field}</th>
            <td className="old">{change.kind === 'value' && (change.before ?? 'blank')}</td>
            <td className="new">{change.kind === 'value' ? (change.after ?? 'blank') : change.change}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
