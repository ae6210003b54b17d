'use client';

import { createContext, useContext } from 'react';
import type { SettingsField } from './form-values.ts';
import type { SettingsFormState } from './use-settings-form.ts';

export const SettingsFormContext = createContext<SettingsFormState | null>(null);

/** The form that the card stands in. */
export function useForm(): SettingsFormState {
  const state = useContext(SettingsFormContext);
  if (state === null) throw new Error('A card of the mail settings stands outside their form.');
  return state;
}

/** The id of a field's control on the page. */
export function controlId(field: SettingsField): string {
  return field.replaceAll('.', '-');
}
