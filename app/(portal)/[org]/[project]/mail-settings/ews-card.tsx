'use client';

import { Card } from '#app/_ui/card.tsx';
import { CertificateRows } from './encryption-card.tsx';
import { NumberRow, SwitchRow, TextRow } from './form-fields.tsx';
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
        help="Sends as this mailbox, where the account that signs in has the right of impersonation."
      />
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
