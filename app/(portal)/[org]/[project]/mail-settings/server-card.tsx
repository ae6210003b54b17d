'use client';

import { Button } from '#app/_ui/button.tsx';
import { Card } from '#app/_ui/card.tsx';
import { FieldError } from '#app/_ui/field.tsx';
import { NumberInput, TextInput } from '#app/_ui/inputs.tsx';
import { protocolWords } from '#lib/settings/labels.ts';
import { AlternateRows } from './alternate-rows.tsx';
import { controlId, useForm } from './form-context.tsx';
import { ChoiceRow, NumberRow } from './form-fields.tsx';
import { usualPort } from './ports.ts';
import { Warnings } from './warnings.tsx';

const protocols = [
  { value: 'smtp', label: protocolWords.smtp },
  { value: 'smtps', label: protocolWords.smtps },
] as const;

/** Where the mail is handed over (PRODUCT 2.4, 6.1). */
export function ServerCard() {
  return (
    <Card title="Server">
      <ChoiceRow field="connection.protocol" choices={protocols} />
      <HostAndPort />
      <Warnings of={['connection.host', 'connection.port']} />
      <NumberRow
        field="connection.maxConnections"
        help="How many mails go out side by side. Many providers allow 3 to 10."
      />
      <Warnings of={['connection.maxConnections']} />
      <AlternateRows />
    </Card>
  );
}

/** Server and port in one row, as they are spoken of together. */
function HostAndPort() {
  const { form, set, errors, dirty, portHint } = useForm();
  const host = controlId('connection.host');
  const port = controlId('connection.port');
  const hostError = errors['connection.host'];
  const portError = errors['connection.port'];
  const isDirty = dirty.has('connection.host') || dirty.has('connection.port');
  const usual = usualPort(form);
  const isOther = portHint !== null && form['connection.port'].trim() !== usual;
  return (
    <div className={isDirty ? 'fld dirty' : 'fld'}>
      <label htmlFor={host}>Server name or IP{isDirty && <span className="sr-only">, changed</span>}</label>
      <div>
        <span className="pair">
          <TextInput
            id={host}
            mono
            placeholder="smtp.example.com"
            value={form['connection.host']}
            onChange={(event) => set('connection.host', event.target.value)}
            {...(hostError && { 'aria-invalid': true, 'aria-describedby': `${host}-error` })}
          />
          <NumberInput
            id={port}
            aria-label="Port"
            value={form['connection.port']}
            onChange={(event) => set('connection.port', event.target.value)}
            aria-describedby={[portError && `${port}-error`, portHint && `${port}-help`]
              .filter(Boolean)
              .join(' ')}
            {...(portError && { 'aria-invalid': true })}
          />
        </span>
        {hostError && <FieldError id={`${host}-error`}>{hostError}</FieldError>}
        {portError && <FieldError id={`${port}-error`}>{portError}</FieldError>}
        {portHint && (
          <p className="help" id={`${port}-help`} aria-live="polite">
            {portHint}{' '}
            {isOther && (
              <Button
                variant="quiet"
                className="h-5 px-1 text-xs"
                onClick={() => set('connection.port', usual)}
              >
                Use {usual}
              </Button>
            )}
          </p>
        )}
      </div>
    </div>
  );
}
