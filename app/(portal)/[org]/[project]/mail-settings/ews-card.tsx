'use client';

import { Card } from '#app/_ui/card.tsx';
import { CertificateRows } from './encryption-card.tsx';
import { mailboxAccessWords } from '#lib/settings/labels.ts';
import { Note } from '#app/_ui/banner.tsx';
import { authenticationKind } from './connection-form.ts';
import { useForm } from './form-context.tsx';
import { ChoiceRow, NumberRow, SwitchRow, TextRow } from './form-fields.tsx';
import { Warnings } from './warnings.tsx';

/** Exchange Web Services: where it answers and which mailbox is sent from (PRODUCT 2.6). */
export function EwsCard() {
  return (
    <Card title="Exchange Web Services">
      <TextRow
        field="connection.connectUrl"
        mono
        placeholder="https://mail.example.com/EWS/Exchange.asmx"
        help="The address of Exchange.asmx, over https."
      />
      <Warnings of={['connection.connectUrl']} />
      <TextRow
        field="connection.impersonatedMailbox"
        mono
        optional
        type="email"
        help="Sends as this mailbox instead of that of the account that signs in."
      />
      <AccessRow />
      <TextRow
        field="connection.anchorMailbox"
        mono
        optional
        type="email"
        help="Sent as X-AnchorMailbox, so that Exchange finds the right server at once."
      />
      <SwitchRow
        field="connection.saveToSentItems"
        on="A copy of each mail stands in Sent Items."
        off="No copy is kept in the mailbox."
      />
      <Warnings of={['connection.saveToSentItems']} />
      <NumberRow
        field="connection.maxConnections"
        label="Requests at once"
        help="Exchange allows at most 27 for a mailbox."
      />
      <Warnings of={['connection.maxConnections']} />
      <CertificateRows />
    </Card>
  );
}

const accesses = (['impersonation', 'delegate'] as const).map((value) => ({
  value,
  label: mailboxAccessWords[value],
}));

/** By which right the other mailbox is used; an app that signs in without a person knows impersonation alone. */
function AccessRow() {
  const { form } = useForm();
  const isApp =
    authenticationKind(form) === 'oauth' && form['connection.authentication.access'] === 'app_only';
  if (form['connection.impersonatedMailbox'].trim() === '' || isApp) return null;
  const isUnkept = form['connection.mailboxAccess'] === 'delegate' && !form['connection.saveToSentItems'];
  return (
    <>
      <ChoiceRow
        field="connection.mailboxAccess"
        choices={accesses}
        help="Impersonation is a right that an Exchange administrator gives to the account that signs in. Rights on the mailbox are Full Access or folder rights, with Send As."
      />
      <Warnings of={['connection.mailboxAccess']} />
      {isUnkept && (
        <Note tone="amber" glyph="soon">
          With rights on the mailbox Exchange sends only with a copy in Sent Items. Switch it on below.
        </Note>
      )}
    </>
  );
}
