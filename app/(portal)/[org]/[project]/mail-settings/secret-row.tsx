'use client';

import type { ReactNode } from 'react';
import { SecretField, type SecretChange } from '#app/_ui/secret-field.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';
import type { SecretView } from '#lib/settings/schemas.ts';
import { useForm } from './form-context.tsx';
import { useRow } from './form-fields.tsx';
import type { SettingsField, SettingsForm } from './form-values.ts';

type SecretFieldName = {
  [Field in SettingsField]: SettingsForm[Field] extends SecretChange ? Field : never;
}[SettingsField];

const storedEncrypted = 'Stored encrypted. Nobody can read it again, in the portal or through the API.';

/** A secret of the settings: write-only, with who set it and when. */
export function SecretRow({
  field,
  stored,
  hint,
  removedWords,
  multiline,
}: {
  field: SecretFieldName;
  stored: SecretView | null;
  hint?: string | undefined;
  /** Why the settings cannot be saved without it. */
  removedWords: string;
  multiline?: boolean | undefined;
}) {
  const { form, set } = useForm();
  const shell = useRow({ field, help: hint === undefined ? storedEncrypted : `${hint} ${storedEncrypted}` });
  const change = form[field];
  return (
    <SecretField
      {...shell}
      error={change.kind === 'remove' ? removedWords : shell.error}
      stored={storedWords(stored)}
      change={change}
      multiline={multiline}
      onChange={(next) => set(field, next)}
    />
  );
}

/** When and by whom a secret was set; undefined where none is stored. */
export function storedWords(secret: SecretView | null): ReactNode {
  if (secret === null) return undefined;
  return (
    <>
      <RelativeTime iso={secret.setAt} /> by {secret.setBy}
    </>
  );
}
