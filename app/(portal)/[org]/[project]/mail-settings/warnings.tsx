'use client';

import { useMemo, useState } from 'react';
import { Note } from '#app/_ui/banner.tsx';
import type { SettingsPath } from '#lib/settings/labels.ts';
import { settingsWarnings } from '#lib/settings/warnings.ts';
import { fieldsOf } from './form-values.ts';
import { useForm } from './form-context.tsx';

/** What is honestly to be said about the chosen values of these fields, under them. */
export function Warnings({ of }: { of: readonly SettingsPath[] }) {
  const { form } = useForm();
  const [now] = useState(() => new Date());
  const warnings = useMemo(() => settingsWarnings(fieldsOf(form, now.getTime()), now), [form, now]);
  return warnings
    .filter((warning) => of.includes(warning.field))
    .map(({ code, text, wayOut }) => (
      <div className="fld py-1" key={code}>
        <span />
        <Note tone="amber" glyph="soon">
          {text} {wayOut}
        </Note>
      </div>
    ));
}
