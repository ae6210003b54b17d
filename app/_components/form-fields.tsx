'use client';

import type { ReactNode } from 'react';
import type { FieldValues } from 'react-hook-form';
import { Field } from '../_ui/field.tsx';
import { NumberInput, Select, TextArea, TextInput } from '../_ui/inputs.tsx';
import { useTie, type Tie, type Words } from './use-tie.ts';

type TextProps<In extends FieldValues, Out> = Tie<In, Out> &
  Words & {
    mono?: boolean | undefined;
    placeholder?: string | undefined;
    autoComplete?: string | undefined;
    type?: 'text' | 'email' | 'url' | undefined;
    /** Something beside the box: the port, a button. */
    beside?: ReactNode;
  };

export function TextField<In extends FieldValues, Out>(props: TextProps<In, Out>) {
  const { ref, tie, onChange, text, shell } = useTie(props);
  const input = (aria: object) => (
    <TextInput
      {...aria}
      ref={ref}
      value={text}
      {...tie}
      onChange={onChange}
      mono={props.mono}
      type={props.type ?? 'text'}
      {...(props.placeholder ? { placeholder: props.placeholder } : {})}
      {...(props.autoComplete ? { autoComplete: props.autoComplete } : {})}
    />
  );
  return (
    <Field {...shell} label={props.label} help={props.help} optional={props.optional}>
      {(aria) =>
        props.beside ? (
          <span className="pair">
            {input(aria)}
            {props.beside}
          </span>
        ) : (
          input(aria)
        )
      }
    </Field>
  );
}

/** Digits become a number, an empty box null; anything else stays text, for the schema to refuse by name. */
function toNumber(text: string): number | string | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  return /^\d{1,15}$/.test(trimmed) ? Number(trimmed) : trimmed;
}

export function NumberField<In extends FieldValues, Out>(
  props: Tie<In, Out> & Words & { placeholder?: string | undefined; width?: number | undefined },
) {
  const { ref, tie, onChange, text, shell } = useTie(props);
  return (
    <Field {...shell} label={props.label} help={props.help} optional={props.optional}>
      {(aria) => (
        <NumberInput
          {...aria}
          ref={ref}
          value={text}
          {...tie}
          onChange={(event) => onChange(toNumber(event.target.value))}
          style={{ maxWidth: props.width ?? 148 }}
          {...(props.placeholder ? { placeholder: props.placeholder } : {})}
        />
      )}
    </Field>
  );
}

/** A number box without a row of its own, to stand `beside` a text field; its error is said by its title. */
export function BesideNumber<In extends FieldValues, Out>(props: Tie<In, Out> & { label: string }) {
  const { ref, tie, onChange, text, shell } = useTie(props);
  return (
    <span className="block">
      <NumberInput
        id={shell.id}
        ref={ref}
        value={text}
        aria-label={props.label}
        {...tie}
        onChange={(event) => onChange(toNumber(event.target.value))}
        {...(shell.error ? { 'aria-invalid': true as const, 'aria-describedby': `${shell.id}-error` } : {})}
      />
      {shell.error && (
        <span className="err" id={`${shell.id}-error`}>
          {shell.error}
        </span>
      )}
    </span>
  );
}

export function TextAreaField<In extends FieldValues, Out>(
  props: Tie<In, Out> &
    Words & { mono?: boolean | undefined; rows?: number | undefined; placeholder?: string | undefined },
) {
  const { ref, tie, onChange, text, shell } = useTie(props);
  return (
    <Field {...shell} label={props.label} help={props.help} optional={props.optional}>
      {(aria) => (
        <TextArea
          {...aria}
          ref={ref}
          value={text}
          {...tie}
          onChange={onChange}
          mono={props.mono}
          rows={props.rows ?? 4}
          {...(props.placeholder ? { placeholder: props.placeholder } : {})}
        />
      )}
    </Field>
  );
}

export function SelectField<In extends FieldValues, Out>(
  props: Tie<In, Out> & Words & { choices: ReadonlyArray<{ value: string; label: string }> },
) {
  const { ref, tie, onChange, text, shell } = useTie(props);
  return (
    <Field {...shell} label={props.label} help={props.help} optional={props.optional}>
      {(aria) => (
        <Select {...aria} ref={ref} value={text} {...tie} onChange={onChange}>
          {props.choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
