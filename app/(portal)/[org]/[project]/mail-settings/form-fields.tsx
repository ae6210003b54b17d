'use client';

import type { ReactNode } from 'react';
import { RadioCards, Segmented, Switch, type Choice } from '#app/_ui/choices.tsx';
import { Field } from '#app/_ui/field.tsx';
import { NumberInput, Select, TextArea, TextInput } from '#app/_ui/inputs.tsx';
import { settingsLabels } from '#lib/settings/labels.ts';
import type { SettingsField, SettingsForm } from './form-values.ts';
import { controlId, useForm } from './form-context.tsx';

/** The fields that hold this kind of value. */
type FieldOf<Value> = {
  [Field in SettingsField]: SettingsForm[Field] extends Value ? Field : never;
}[SettingsField];
type TextFieldName = FieldOf<string>;

interface RowProps<Name extends SettingsField> {
  field: Name;
  label?: string | undefined;
  help?: ReactNode;
  optional?: boolean | undefined;
}

/** What the label says where the form's field is no field of the document by itself. */
const formLabels: Partial<Record<SettingsField, string>> = {
  'connection.alternate.own': 'Alternate has its own',
  'sending.mode.kind': 'Sending mode',
  'sending.mode.to': 'Redirect to',
  'sending.mode.entries': 'Addresses and domains',
};

function labelOf(field: SettingsField): string {
  const known: Partial<Record<string, { label: string }>> = settingsLabels;
  return formLabels[field] ?? known[field]?.label ?? field;
}

/** Label, error and dirty dot of a field. */
export function useRow({ field, label, help, optional }: RowProps<SettingsField>) {
  const { errors, dirty } = useForm();
  return {
    id: controlId(field),
    label: label ?? labelOf(field),
    error: errors[field],
    dirty: dirty.has(field),
    help,
    optional,
  };
}

/** One line of text. */
export function TextRow({
  mono,
  placeholder,
  type,
  ...row
}: RowProps<TextFieldName> & { mono?: boolean; placeholder?: string; type?: 'email' }) {
  const { form, set } = useForm();
  return (
    <Field {...useRow(row)}>
      {(aria) => (
        <TextInput
          {...aria}
          mono={mono}
          placeholder={placeholder}
          inputMode={type}
          value={form[row.field]}
          onChange={(event) => set(row.field, event.target.value)}
        />
      )}
    </Field>
  );
}

/** One number, with its unit behind it. */
export function NumberRow({ unit, ...row }: RowProps<TextFieldName> & { unit?: string }) {
  const { form, set } = useForm();
  return (
    <Field {...useRow(row)}>
      {(aria) => (
        <span className="row">
          <NumberInput
            {...aria}
            className="w-28"
            value={form[row.field]}
            onChange={(event) => set(row.field, event.target.value)}
          />
          {unit && <span className="text-text-2">{unit}</span>}
        </span>
      )}
    </Field>
  );
}

/** A list, one entry a line. */
export function ListRow({ placeholder, ...row }: RowProps<TextFieldName> & { placeholder?: string }) {
  const { form, set } = useForm();
  return (
    <Field {...useRow(row)}>
      {(aria) => (
        <TextArea
          {...aria}
          mono
          rows={3}
          spellCheck={false}
          placeholder={placeholder}
          value={form[row.field]}
          onChange={(event) => set(row.field, event.target.value)}
        />
      )}
    </Field>
  );
}

/** A choice between a few words: side by side, or as cards where each needs a sentence. */
export function ChoiceRow<Name extends TextFieldName>({
  as = 'segments',
  choices,
  ...row
}: RowProps<Name> & { as?: 'segments' | 'cards'; choices: ReadonlyArray<Choice<SettingsForm[Name]>> }) {
  const { form, set } = useForm();
  const shell = useRow(row);
  const Control = as === 'cards' ? RadioCards : Segmented;
  return (
    <Field {...shell} group>
      {(aria) => (
        <Control
          name={row.field}
          choices={choices}
          value={form[row.field]}
          onChange={(value) => set(row.field, value)}
          labelledBy={`${shell.id}-label`}
          describedBy={aria['aria-describedby']}
        />
      )}
    </Field>
  );
}

/** A choice between words that do not all fit side by side. */
export function SelectRow<Name extends TextFieldName>({
  choices,
  ...row
}: RowProps<Name> & { choices: ReadonlyArray<Choice<SettingsForm[Name]>> }) {
  const { form, set } = useForm();
  return (
    <Field {...useRow(row)}>
      {(aria) => (
        <Select
          {...aria}
          className="w-72 max-w-full"
          value={form[row.field]}
          onChange={(event) => {
            const chosen = choices.find(({ value }) => value === event.target.value);
            if (chosen !== undefined) set(row.field, chosen.value);
          }}
        >
          {choices.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

/** On or off, each with a sentence of what that means. */
export function SwitchRow({ on, off, ...row }: RowProps<FieldOf<boolean>> & { on: string; off: string }) {
  const { form, set } = useForm();
  const isOn = form[row.field];
  return (
    <Field {...useRow(row)}>
      {(aria) => (
        <Switch {...aria} checked={isOn} onChange={(event) => set(row.field, event.target.checked)}>
          {isOn ? on : off}
        </Switch>
      )}
    </Field>
  );
}
