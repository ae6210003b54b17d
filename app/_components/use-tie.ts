'use client';

import type { ReactNode } from 'react';
import { useController, type Control, type FieldPath, type FieldValues } from 'react-hook-form';

/** Ties a field of the kit to its place in the form; `name` is the dotted path. */
export type Tie<In extends FieldValues, Out> = { control: Control<In, unknown, Out>; name: FieldPath<In> };

export type Words = { label: string; help?: ReactNode; optional?: boolean | undefined };

/** The field's value, handlers and state, and what its row of the form needs. */
export function useTie<In extends FieldValues, Out>({ control, name }: Tie<In, Out>) {
  const { field, fieldState } = useController({ control, name });
  const { ref, onBlur, onChange } = field;
  const value: unknown = field.value;
  return {
    ref,
    /** What every control takes as it is. */
    tie: { name: field.name, onBlur },
    onChange,
    value,
    text: typeof value === 'string' || typeof value === 'number' ? String(value) : '',
    shell: {
      id: `field-${name.replaceAll('.', '-')}`,
      error: fieldState.error?.message,
      dirty: fieldState.isDirty,
    },
  };
}
