'use client';

import type { ReactNode } from 'react';
import { Field } from '#app/_ui/field.tsx';
import { NumberInput, Select } from '#app/_ui/inputs.tsx';
import { type DeliveryForm, type ScheduleField, type Unit, unitSeconds } from './schedule-form.ts';

interface RowProps<Name extends ScheduleField> {
  readonly form: DeliveryForm;
  readonly set: (field: Name, value: DeliveryForm[Name]) => void;
  readonly faults: Readonly<Partial<Record<ScheduleField, string>>>;
  readonly dirty: readonly (keyof DeliveryForm)[];
  readonly isReadOnly: boolean;
  readonly field: Name;
  readonly label: string;
  readonly help?: ReactNode;
}

function shellOf({ field, label, help, faults, dirty }: Omit<RowProps<ScheduleField>, 'set'>) {
  return { id: `delivery-${field}`, label, help, error: faults[field], dirty: dirty.includes(field) };
}

/** One number with its unit behind it. */
export function NumberRow({ unit, ...row }: RowProps<'factor' | 'jitter'> & { readonly unit: string }) {
  const { field, form, set, isReadOnly } = row;
  return (
    <Field {...shellOf(row)}>
      {(aria) => (
        <span className="row">
          <NumberInput
            {...aria}
            inputMode="decimal"
            className="w-20! text-right"
            readOnly={isReadOnly}
            value={form[field]}
            onChange={(event) => set(field, event.target.value)}
          />
          <span className="text-text-2">{unit}</span>
        </span>
      )}
    </Field>
  );
}

/** A time: a number, and the unit that it is meant in. */
export function TimeRow({
  units,
  ...row
}: RowProps<'firstWait' | 'longestWait' | 'giveUp'> & { readonly units: readonly Unit[] }) {
  const { field, label, form, set, isReadOnly } = row;
  const { amount, unit } = form[field];
  return (
    <Field {...shellOf(row)}>
      {(aria) => (
        <span className="row">
          <NumberInput
            {...aria}
            inputMode="decimal"
            className="w-20! text-right"
            readOnly={isReadOnly}
            value={amount}
            onChange={(event) => set(field, { amount: event.target.value, unit })}
          />
          <Select
            className="w-28"
            aria-label={`${label}, unit`}
            value={unit}
            disabled={isReadOnly}
            onChange={(event) => set(field, { amount, unit: unitNamed(event.target.value) })}
          >
            {units.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </Select>
        </span>
      )}
    </Field>
  );
}

function unitNamed(value: string): Unit {
  const names: readonly Unit[] = ['seconds', 'minutes', 'hours', 'days'];
  return names.find((name) => name === value && name in unitSeconds) ?? 'seconds';
}
