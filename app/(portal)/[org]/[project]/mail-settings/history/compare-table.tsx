'use client';

import { Fragment, type ReactNode } from 'react';
import { RelativeTime } from '#app/_ui/time.tsx';
import type { ComparedField, ComparedVersions } from '#lib/settings/compare-settings-versions.ts';
import { settingsGroups } from '#lib/settings/labels.ts';
import type { SecretView } from '#lib/settings/schemas.ts';

/** Field by field, in the groups of the form; a secret only as when it was set (PRODUCT 7.1). */
export function CompareTable({ compared, showsAll }: { compared: ComparedVersions; showsAll: boolean }) {
  const { from, to } = compared;
  const shown = compared.fields.filter(({ isDifferent }) => showsAll || isDifferent);
  const groups = Map.groupBy(shown, ({ group }) => group);
  return (
    <table className="cmp">
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">
            Version {from.version}, <RelativeTime iso={from.at} style="date" />
          </th>
          <th scope="col">
            Version {to.version}, <RelativeTime iso={to.at} style="date" />
          </th>
        </tr>
      </thead>
      <tbody>
        {[...groups].map(([group, fields]) => (
          <Fragment key={group}>
            <tr className="grp">
              <th colSpan={3} scope="colgroup">
                {settingsGroups[group]}
              </th>
            </tr>
            {fields.map((field) => (
              <Row key={field.field} field={field} />
            ))}
          </Fragment>
        ))}
        {shown.length === 0 && (
          <tr>
            <td colSpan={3} className="px-5! text-text-2">
              The two versions are the same.
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

function Row({ field }: { field: ComparedField }) {
  return (
    <tr>
      <th scope="row">{field.label}</th>
      <td className={field.isDifferent ? 'old' : undefined}>{before(field)}</td>
      <td className={field.isDifferent ? 'new' : undefined}>{after(field)}</td>
    </tr>
  );
}

function before(field: ComparedField): ReactNode {
  if (field.kind === 'secret') return secretWords(field.from, 'set');
  if (field.from === null) return 'blank';
  return field.isDifferent ? <del>{field.from}</del> : field.from;
}

function after(field: ComparedField): ReactNode {
  if (field.kind === 'secret') {
    return secretWords(field.to, field.isDifferent && field.from !== null ? 'changed' : 'set');
  }
  if (field.to === null) return 'blank';
  return field.isDifferent ? <ins>{field.to}</ins> : field.to;
}

function secretWords(secret: SecretView | null, verb: 'set' | 'changed'): ReactNode {
  if (secret === null) return 'none';
  return (
    <span className="text-text-2">
      {verb} on <RelativeTime iso={secret.setAt} style="date" />
    </span>
  );
}
