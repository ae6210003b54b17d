'use client';

import { useId } from 'react';
import { Card } from '#app/_ui/card.tsx';
import { Field } from '#app/_ui/field.tsx';
import { Select } from '#app/_ui/inputs.tsx';
import { requestsCountedByWords } from '#lib/settings/labels.ts';
import { cloudOfEndpoint, microsoftClouds } from '#lib/settings/oauth-presets.ts';
import { CustomCaRow } from './encryption-card.tsx';
import { useForm } from './form-context.tsx';
import { ChoiceRow, SwitchRow, TextRow } from './form-fields.tsx';
import { Warnings } from './warnings.tsx';

const countings = (['client_and_mailbox', 'client'] as const).map((value) => ({
  value,
  label: requestsCountedByWords[value],
}));

/** Microsoft Graph: the cloud, the mailbox and how much is asked of it (PRODUCT 2.7, 4.6). */
export function GraphCard() {
  return (
    <Card title="Microsoft Graph">
      <CloudRow />
      <TextRow field="connection.endpoint" mono help="Filled in by the cloud; type another over it." />
      <Warnings of={['connection.endpoint']} />
      <TextRow
        field="connection.mailbox"
        mono
        type="email"
        placeholder="support@contoso.com"
        help="The mailbox that sends. Consent is given as this mailbox."
      />
      <Warnings of={['connection.mailbox']} />
      <SwitchRow
        field="connection.saveToSentItems"
        on="A copy of each mail stands in Sent Items."
        off="No copy is kept in the mailbox."
      />
      <SwitchRow
        field="connection.proveOnce"
        on="Each mail is stored as a draft first: three requests a mail, and no doubt after a crash."
        off="One request a mail. After a lost answer Mailroom looks the mail up before it sends again."
      />
      <Warnings of={['connection.proveOnce']} />
      <ChoiceRow
        field="connection.requestsCountedBy"
        choices={countings}
        help="Microsoft allows four requests at a time. Its page counts them by client ID and mailbox; another version of it by client ID alone."
      />
      <Warnings of={['connection.requestsCountedBy']} />
      <CustomCaRow />
    </Card>
  );
}

/** A national cloud sets endpoint and sign-in host together: a token of one is not valid at another. */
function CloudRow() {
  const { form, fill } = useForm();
  const id = useId();
  const current = cloudOfEndpoint(form['connection.endpoint']);
  return (
    <Field id={id} label="Cloud">
      {(aria) => (
        <Select
          {...aria}
          value={current?.id ?? 'typed'}
          onChange={(event) => {
            const cloud = microsoftClouds.find((each) => each.id === event.target.value);
            if (cloud === undefined) return;
            fill({
              'connection.endpoint': cloud.graphEndpoint,
              'connection.authentication.server.host': cloud.signInHost,
            });
          }}
        >
          {microsoftClouds.map((cloud) => (
            <option key={cloud.id} value={cloud.id}>
              {cloud.name}
            </option>
          ))}
          {current === null && <option value="typed">Typed in</option>}
        </Select>
      )}
    </Field>
  );
}
