'use client';

import { type KeyScope, keyScopes } from '#lib/access/roles.ts';
import type { PresentedError } from '../../../../_server/present-error.ts';
import { Checkbox } from '../../../../_ui/choices.tsx';
import { Field, FieldError } from '../../../../_ui/field.tsx';
import { Select, TextArea, TextInput } from '../../../../_ui/inputs.tsx';
import type { KeyEnd, KeyValues } from './key-values.ts';

const scopeNotes: Readonly<Record<KeyScope, string>> = {
  send: 'Send mail',
  read: 'Read the state of mails',
  cancel: 'Cancel mail that waits',
  resume: 'Resume and suspend held mail, past the limits too',
};

const ends: readonly { value: KeyEnd; label: string }[] = [
  { value: 'never', label: 'Never' },
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In one year' },
  { value: 'date', label: 'On a date' },
];

const modes: readonly { value: KeyValues['mode']; label: string }[] = [
  { value: 'project', label: 'As the project' },
  { value: 'capture', label: 'Capture: nothing leaves' },
  { value: 'redirect', label: 'Redirect to one address' },
  { value: 'allow_list', label: 'Allow-list: only listed recipients' },
];

export interface KeyFieldsProps {
  readonly values: KeyValues;
  readonly onChange: (values: KeyValues) => void;
  readonly error: PresentedError | null;
}

/** The first issue of a field or of anything inside it ("sendingMode.to"). */
function issueOf(error: PresentedError | null, field: string): string | undefined {
  return error?.issues.find((issue) => issue.field === field || issue.field.startsWith(`${field}.`))?.message;
}

/** What a new key may do, until when, and how narrow. */
export function KeyFields({ values, onChange, error }: KeyFieldsProps) {
  const set = (change: Partial<KeyValues>) => onChange({ ...values, ...change });
  return (
    <>
      <Field id="key-name" label="Name" help="The program that uses it." error={issueOf(error, 'name')}>
        {(aria) => (
          <TextInput {...aria} value={values.name} onChange={(event) => set({ name: event.target.value })} />
        )}
      </Field>
      <Field id="key-scopes" label="May" group error={issueOf(error, 'scopes')}>
        {() => (
          <fieldset aria-labelledby="key-scopes-label" className="m-0 grid gap-1.5 border-0 px-0 py-1.5">
            {keyScopes.map((scope) => (
              <Checkbox
                key={scope}
                checked={values.scopes.includes(scope)}
                onChange={(event) => set({ scopes: toggled(values.scopes, scope, event.target.checked) })}
              >
                {scopeNotes[scope]}
              </Checkbox>
            ))}
          </fieldset>
        )}
      </Field>
      <EndField values={values} set={set} error={issueOf(error, 'expiresAt')} />
      <ModeField values={values} set={set} error={issueOf(error, 'sendingMode')} />
      <Field
        id="key-senders"
        label="Allowed senders"
        optional
        help="Addresses or domains that From may carry with this key, one a line. Blank: those of the project."
        error={issueOf(error, 'allowedSenders')}
      >
        {(aria) => (
          <TextArea
            {...aria}
            mono
            rows={2}
            value={values.allowedSenders}
            onChange={(event) => set({ allowedSenders: event.target.value })}
          />
        )}
      </Field>
      <div role="alert">
        {error !== null && error.issues.length === 0 && <FieldError>{error.message}</FieldError>}
      </div>
    </>
  );
}

function toggled(scopes: readonly KeyScope[], scope: KeyScope, isOn: boolean): KeyScope[] {
  return keyScopes.filter((each) => (each === scope ? isOn : scopes.includes(each)));
}

interface PartProps {
  readonly values: KeyValues;
  readonly set: (change: Partial<KeyValues>) => void;
  readonly error: string | undefined;
}

function EndField({ values, set, error }: PartProps) {
  return (
    <Field id="key-end" label="Ends" error={error}>
      {(aria) => (
        <span className="grid gap-2">
          <Select
            {...aria}
            value={values.end}
            onChange={(event) => {
              const chosen = ends.find(({ value }) => value === event.target.value);
              if (chosen !== undefined) set({ end: chosen.value });
            }}
          >
            {ends.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
          {values.end === 'date' && (
            <TextInput
              type="date"
              aria-label="Last day of the key"
              value={values.endDate}
              onChange={(event) => set({ endDate: event.target.value })}
            />
          )}
        </span>
      )}
    </Field>
  );
}

function ModeField({ values, set, error }: PartProps) {
  return (
    <Field id="key-mode" label="Sending mode" help="The stricter of project and key holds." error={error}>
      {(aria) => (
        <span className="grid gap-2">
          <Select
            {...aria}
            value={values.mode}
            onChange={(event) => {
              const chosen = modes.find(({ value }) => value === event.target.value);
              if (chosen !== undefined) set({ mode: chosen.value });
            }}
          >
            {modes.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
          {values.mode === 'redirect' && (
            <TextInput
              mono
              aria-label="Address that gets all mail"
              placeholder="test@example.com"
              value={values.redirectTo}
              onChange={(event) => set({ redirectTo: event.target.value })}
            />
          )}
          {values.mode === 'allow_list' && (
            <TextArea
              mono
              rows={2}
              aria-label="Recipients that get mail, one a line"
              placeholder="example.com"
              value={values.allowList}
              onChange={(event) => set({ allowList: event.target.value })}
            />
          )}
        </span>
      )}
    </Field>
  );
}
