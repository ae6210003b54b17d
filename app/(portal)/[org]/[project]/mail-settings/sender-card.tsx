'use client';

import { Card } from '#app/_ui/card.tsx';
import { TextRow } from './form-fields.tsx';

/** Who the mail comes from (PRODUCT 2.3, 2.17). */
export function SenderCard() {
  return (
    <Card title="Sender">
      <TextRow field="sender.name" />
      <TextRow
        field="sender.address"
        mono
        type="email"
        help="What From carries, and where answers go."
        placeholder="billing@example.com"
      />
      <TextRow field="sender.replyTo" mono type="email" optional placeholder="same as From" />
    </Card>
  );
}
