'use client';

import { Note } from '#app/_ui/banner.tsx';
import { Card } from '#app/_ui/card.tsx';
import { TextLink } from '#app/_ui/text-link.tsx';
import { otherSenderWords, sendingModeHelp, sendingModeWords } from '#lib/settings/labels.ts';
import { useForm } from './form-context.tsx';
import { ChoiceRow, ListRow, TextRow } from './form-fields.tsx';
import { Warnings } from './warnings.tsx';

const modes = (['live', 'capture', 'redirect', 'allow_list'] as const).map((value) => ({
  value,
  label: sendingModeWords[value],
  note: sendingModeHelp[value],
}));

const otherSenders = [
  {
    value: 'refuse',
    label: otherSenderWords.refuse,
    note: 'The caller gets an error that names the address.',
  },
  {
    value: 'rewrite',
    label: otherSenderWords.rewrite,
    note: 'Answers still reach the original; the message’s page says what was changed.',
  },
] as const;

/** What may leave, and in whose name (PRODUCT 2.16, 2.17). */
export function SendingCard({ deliveryHref }: { deliveryHref: string }) {
  const { form } = useForm();
  const mode = form['sending.mode.kind'];
  return (
    <Card title="Sending rules">
      <ChoiceRow field="sending.mode.kind" as="cards" choices={modes} />
      {mode === 'redirect' && (
        <TextRow field="sending.mode.to" mono type="email" placeholder="qa@example.com" />
      )}
      {mode === 'allow_list' && (
        <ListRow
          field="sending.mode.entries"
          placeholder={'qa@example.com\nexample.org\n*.test.example.com'}
          help="Who gets mail: an address, a domain or *.domain, one a line. While the list is blank, nothing leaves."
        />
      )}
      <Warnings of={['sending.mode']} />
      {mode !== 'live' && (
        <div className="px-4 py-2">
          <Note tone="amber" glyph="soon">
            Everybody on this project sees a banner while the mode is not Live. What does not leave uses no
            limit.
          </Note>
        </div>
      )}
      <ListRow
        field="sending.allowedSenders"
        optional
        placeholder={'noreply@example.com\nexample.com'}
        help="Other addresses and domains that From may carry. The From address above always may."
      />
      <ChoiceRow field="sending.otherSenders" as="cards" choices={otherSenders} />
      <p className="help px-4 py-2">
        When mail is tried again, and what happens when its arrival is in doubt, stands on{' '}
        <TextLink href={deliveryHref}>Delivery</TextLink>.
      </p>
    </Card>
  );
}
