'use client';

import { Switch } from '#app/_ui/choices.tsx';
import { Field } from '#app/_ui/field.tsx';
import { alternateSignInWords, tlsPolicyWords } from '#lib/settings/labels.ts';
import { useForm } from './form-context.tsx';
import { ChoiceRow, NumberRow, SelectRow, TextRow, useRow } from './form-fields.tsx';
import { storedSecretsOf } from './form-values.ts';
import { SecretRow } from './secret-row.tsx';

const asPrimary = { value: 'same', label: 'As the primary' } as const;
const policies = [
  asPrimary,
  ...(['none', 'when_offered', 'required'] as const).map((value) => ({
    value,
    label: tlsPolicyWords[value],
  })),
] as const;
const checks = [asPrimary, { value: 'on', label: 'On' }, { value: 'off', label: 'Off' }] as const;
const signIns = (['same', 'none', 'basic'] as const).map((value) => ({
  value,
  label: alternateSignInWords[value],
}));

/** The second server of the project and what it has of its own (PRODUCT 6.1, 6.3, 6.4). */
export function AlternateRows() {
  const { form } = useForm();
  const hasAlternate = form['connection.alternateHost'].trim() !== '';
  return (
    <>
      <TextRow
        field="connection.alternateHost"
        mono
        optional
        help="Used when the primary cannot be reached: resolve, connect, TLS or a 421 greeting. Never for a refused mail or password."
      />
      {hasAlternate && (
        <>
          <OwnSwitch />
          {form['connection.alternate.own'] && <OwnRows />}
          <NumberRow
            field="connection.alternate.returnAfterMinutes"
            optional
            unit="min of answers from the primary"
            help="Blank: mail stays on the alternate until a person reconnects, the settings are saved or the whole service is restarted."
          />
        </>
      )}
    </>
  );
}

function OwnSwitch() {
  const { form, set } = useForm();
  const isOwn = form['connection.alternate.own'];
  return (
    <Field {...useRow({ field: 'connection.alternate.own' })}>
      {(aria) => (
        <Switch
          {...aria}
          checked={isOwn}
          onChange={(event) => set('connection.alternate.own', event.target.checked)}
        >
          {isOwn ? 'What is set below; the rest is shared.' : 'Port, encryption and credentials are shared.'}
        </Switch>
      )}
    </Field>
  );
}

function OwnRows() {
  const { form, base } = useForm();
  const isSmtps = form['connection.protocol'] === 'smtps';
  return (
    <>
      <NumberRow
        field="connection.alternate.port"
        optional
        help={`Blank: ${form['connection.port'].trim() || 'the same'}, as the primary.`}
      />
      {!isSmtps && <SelectRow field="connection.alternate.tlsPolicy" choices={policies} />}
      <ChoiceRow field="connection.alternate.checkCertificate" choices={checks} />
      <SelectRow field="connection.alternate.authentication.kind" choices={signIns} />
      {form['connection.alternate.authentication.kind'] === 'basic' && (
        <>
          <TextRow field="connection.alternate.authentication.userName" mono />
          <SecretRow
            field="connection.alternate.authentication.password"
            stored={storedSecretsOf(base.view).alternatePassword}
            removedWords="A password is needed while the alternate has a sign-in of its own."
          />
        </>
      )}
    </>
  );
}
