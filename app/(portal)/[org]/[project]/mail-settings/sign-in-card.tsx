'use client';

import { Card } from '#app/_ui/card.tsx';
import { Checkbox } from '#app/_ui/choices.tsx';
import { authenticationWords, schemeWords } from '#lib/settings/labels.ts';
import { presetOf, presets } from '#lib/settings/presets.ts';
import { authenticationKind } from './connection-form.ts';
import { storedSecretsOf } from './form-values.ts';
import { useForm } from './form-context.tsx';
import { ChoiceRow, TextRow } from './form-fields.tsx';
import { SecretRow } from './secret-row.tsx';
import { Warnings } from './warnings.tsx';

const kinds = (['basic', 'oauth'] as const).map((value) => ({ value, label: authenticationWords[value] }));

const schemes = (['basic', 'ntlm'] as const).map((value) => ({ value, label: schemeWords[value] }));

/** How Mailroom signs in: with a password, with tokens, or not at all (PRODUCT 2.2, 2.4–2.6). */
export function SignInCard() {
  const { form, set } = useForm();
  const isSmtp = form['connection.kind'] === 'smtp';
  const kind = authenticationKind(form);
  return (
    <Card
      title="Sign-in at the server"
      actions={
        isSmtp && (
          <Checkbox
            className="text-xs text-text-2"
            checked={kind !== 'none'}
            onChange={(event) =>
              set('connection.authentication.kind', event.target.checked ? 'basic' : 'none')
            }
          >
            Requires authentication
          </Checkbox>
        )
      }
    >
      {kind === 'none' ? (
        <p className="px-4 py-2 text-text-2">
          No user name or password is sent. The server takes mail from Mailroom’s address as it is.
        </p>
      ) : (
        <>
          <ChoiceRow field="connection.authentication.kind" choices={kinds} />
          <UserNameRow />
          {kind === 'basic' && <PasswordRows />}
        </>
      )}
      <Warnings of={['connection.authentication.kind']} />
    </Card>
  );
}

function UserNameRow() {
  const { form } = useForm();
  const preset = presets.find(({ id }) => id === presetOf(form['connection.host']));
  if (authenticationKind(form) === 'oauth') {
    return (
      <TextRow
        field="connection.authentication.userName"
        mono
        help="The address of the mailbox that sends. Consent is given as this mailbox."
      />
    );
  }
  const isEws = form['connection.kind'] === 'ews';
  return (
    <TextRow
      field="connection.authentication.userName"
      mono
      help={isEws ? 'An address, or DOMAIN\\name.' : (preset?.userNameHint ?? undefined)}
    />
  );
}

function PasswordRows() {
  const { form, base } = useForm();
  const isEws = form['connection.kind'] === 'ews';
  const preset = presets.find(({ id }) => id === presetOf(form['connection.host']));
  return (
    <>
      <SecretRow
        field="connection.authentication.password"
        stored={storedSecretsOf(base.view).password}
        hint={isEws ? undefined : (preset?.passwordHint ?? undefined)}
        removedWords={
          isEws
            ? 'A password is needed to sign in.'
            : 'A password is needed while the server requires authentication. Untick that to send without one.'
        }
      />
      <Warnings of={['connection.authentication.password']} />
      {isEws && (
        <ChoiceRow
          field="connection.authentication.scheme"
          choices={schemes}
          help="NTLM never sends the password itself."
        />
      )}
    </>
  );
}
