'use client';

import { Card } from '#app/_ui/card.tsx';
import { connectionWords } from '#lib/settings/labels.ts';
import { ChoiceRow } from './form-fields.tsx';

const protocols = [
  { value: 'smtp', label: connectionWords.smtp, note: 'Any mail server or provider.' },
  { value: 'graph', label: connectionWords.graph, note: 'Exchange Online, by OAuth only.' },
  {
    value: 'ews',
    label: connectionWords.ews,
    note: 'Exchange Server in your own network. Exchange Online ends it on 1 April 2027.',
  },
] as const;

/** The choice that swaps the fields of everything below it (PRODUCT 2.2). */
export function ConnectionCard() {
  return (
    <Card title="Connection" note="decides which fields follow">
      <ChoiceRow field="connection.kind" as="cards" choices={protocols} />
    </Card>
  );
}
