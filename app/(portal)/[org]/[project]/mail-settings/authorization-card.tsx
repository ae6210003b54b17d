'use client';

import { Note } from '#app/_ui/banner.tsx';
import { Button } from '#app/_ui/button.tsx';
import { Card } from '#app/_ui/card.tsx';
import { CopyButton } from '#app/_ui/copy-button.tsx';
import { Field } from '#app/_ui/field.tsx';
import { TextInput } from '#app/_ui/inputs.tsx';
import { accessWords, authorizationServerWords, credentialWords } from '#lib/settings/labels.ts';
import { type RedirectProvider, redirectWarning } from '#lib/settings/redirect-rules.ts';
import { leastGraphScope, lostWithLeastScope } from '#lib/settings/oauth-presets.ts';
import { serverKind } from './connection-form.ts';
import { storedSecretsOf } from './form-values.ts';
import { useForm } from './form-context.tsx';
import { ChoiceRow, ListRow, TextRow } from './form-fields.tsx';
import { proposedScope } from './proposals.ts';
import { RegistrationGuide } from './registration-guide.tsx';
import { SecretRow } from './secret-row.tsx';
import { ThrottleNote } from './throttle-note.tsx';
import type { SaveTarget } from './use-save.ts';
import { Warnings } from './warnings.tsx';

const servers = (['microsoft', 'google', 'other'] as const).map((value) => ({
  value,
  label: authorizationServerWords[value],
}));
const accesses = (['delegated', 'app_only'] as const).map((value) => ({ value, label: accessWords[value] }));
const credentials = (['secret', 'certificate'] as const).map((value) => ({
  value,
  label: credentialWords[value],
}));

/** Where tokens come from, and the app that is registered there (PRODUCT 2.5–2.9). */
export function AuthorizationCard({ target, redirectUrl }: { target: SaveTarget; redirectUrl: string }) {
  const { form } = useForm();
  const isGraph = form['connection.kind'] === 'graph';
  const server = serverKind(form);
  const isDelegated = form['connection.authentication.access'] === 'delegated';
  return (
    <Card title="Authorization server" note="gives Mailroom its tokens">
      {!isGraph && (
        <ChoiceRow field="connection.authentication.server.kind" label="Provider" choices={servers} />
      )}
      {server !== 'google' && (
        <ChoiceRow field="connection.authentication.access" as="cards" choices={accesses} />
      )}
      {server === 'microsoft' ? <MicrosoftRows /> : <AddressRows />}
      <TextRow field="connection.authentication.clientId" mono label="Client ID" />
      <Warnings of={['connection.authentication.clientId']} />
      <ThrottleNote target={target} />
      <CredentialRows canUseCertificate={server === 'microsoft'} />
      <ScopeRow />
      {isDelegated && (
        <>
          <RedirectRow server={server} redirectUrl={redirectUrl} />
          <TextRow
            field="connection.authentication.signInName"
            mono
            optional
            help="The account that consents, where it is not the mailbox itself: a person with rights on a shared mailbox."
          />
        </>
      )}
      <RegistrationGuide redirectUrl={redirectUrl} />
    </Card>
  );
}

function MicrosoftRows() {
  return (
    <>
      <TextRow
        field="connection.authentication.server.tenant"
        mono
        placeholder="contoso.onmicrosoft.com"
        help="Directory (tenant) ID or a domain of the tenant."
      />
      <TextRow field="connection.authentication.server.host" mono />
      <Warnings of={['connection.authentication.server.host', 'connection.authentication.server.tenant']} />
    </>
  );
}

function AddressRows() {
  return (
    <>
      <TextRow
        field="connection.authentication.server.authorizationUrl"
        mono
        placeholder="https://login.example.com/authorize"
      />
      <TextRow
        field="connection.authentication.server.tokenUrl"
        mono
        placeholder="https://login.example.com/token"
      />
    </>
  );
}

function CredentialRows({ canUseCertificate }: { canUseCertificate: boolean }) {
  const { form, base } = useForm();
  const stored = storedSecretsOf(base.view);
  const isSecret = form['connection.authentication.credential.kind'] === 'secret';
  return (
    <>
      {(canUseCertificate || !isSecret) && (
        <ChoiceRow field="connection.authentication.credential.kind" choices={credentials} />
      )}
      {isSecret ? (
        <>
          <SecretRow
            field="connection.authentication.credential.secret"
            stored={stored.clientSecret}
            hint="The value of the secret, not its ID."
            removedWords="A client secret is needed to get tokens."
          />
          <TextRow
            field="connection.authentication.credential.expiresOn"
            mono
            optional
            placeholder="2027-04-01"
            help="The day that the provider names when it makes the secret. You are told 60, 30, 7 days and one day ahead."
          />
        </>
      ) : (
        <>
          <ListRow
            field="connection.authentication.credential.certificate"
            placeholder="-----BEGIN CERTIFICATE-----"
            help="Upload the same certificate to the app registration."
          />
          <SecretRow
            field="connection.authentication.credential.privateKey"
            stored={stored.privateKey}
            hint="In PEM form, without a pass phrase."
            removedWords="A private key is needed to get tokens."
            multiline
          />
        </>
      )}
      <Warnings
        of={[
          'connection.authentication.credential.secret',
          'connection.authentication.credential.expiresOn',
          'connection.authentication.credential.certificate',
        ]}
      />
    </>
  );
}

function ScopeRow() {
  const { form, set } = useForm();
  const scope = form['connection.authentication.scope'];
  const usual = proposedScope(form);
  const hasLeast =
    form['connection.kind'] === 'graph' && form['connection.authentication.access'] === 'delegated';
  const take = (value: string) => set('connection.authentication.scope', value);
  return (
    <>
      <TextRow
        field="connection.authentication.scope"
        mono
        help={
          <>
            Commas and spaces both part scopes.{' '}
            {usual !== '' && scope !== usual && (
              <Button variant="quiet" className="h-5 px-1 text-xs" onClick={() => take(usual)}>
                Use the default scope
              </Button>
            )}
            {hasLeast && scope !== leastGraphScope && (
              <Button variant="quiet" className="h-5 px-1 text-xs" onClick={() => take(leastGraphScope)}>
                Use the least right
              </Button>
            )}
            {hasLeast && scope === leastGraphScope && lostWithLeastScope}
          </>
        }
      />
      <Warnings of={['connection.authentication.scope']} />
    </>
  );
}

/** The address that the provider sends people back to, to be registered there. */
function RedirectRow({ server, redirectUrl }: { server: RedirectProvider; redirectUrl: string }) {
  const warning = redirectWarning(server, redirectUrl);
  return (
    <>
      <Field id="redirect-url" label="Redirect URL" help="Paste it into the app registration, as it is.">
        {(aria) => (
          <span className="row">
            <TextInput {...aria} mono readOnly value={redirectUrl} />
            <CopyButton text={redirectUrl} label="Copy redirect URL" />
          </span>
        )}
      </Field>
      {warning !== null && (
        <div className="fld py-1">
          <span />
          <Note tone="amber" glyph="soon">
            {warning.text} {warning.wayOut}
          </Note>
        </div>
      )}
    </>
  );
}
