import type { LookAbility } from '#lib/delivery/look-ability.ts';
import type { DeliveryPreview } from '#lib/delivery/preview-delivery.ts';
import { deliveryCountCap, type DeliveryRules } from '#lib/delivery/schemas.ts';
import { formatCount, formatNumber } from '#app/_ui/format-number.ts';

type Choice = DeliveryRules['uncertain'];

export const uncertainLabels: Readonly<Record<Choice, string>> = {
  resend: 'Look first, then send again',
  resend_at_once: 'Send again without looking',
  hold: 'Hold for a person',
};

const repeats =
  'It is sent again with the same Message-ID, at most twice and each time marked as a repeat; still in doubt then, a person decides.';
const oftener = 'A recipient may get it more than once.';

const lookNotes: Readonly<Record<LookAbility, string>> = {
  looks: `Mailroom looks for it in the mailbox first. Found: it is sent. Not found: ${lower(repeats)} A copy that appears late can still become a second mail.`,
  smtp: `SMTP has no way to look a mail up, so here this means: ${lower(repeats)} ${oftener}`,
  keeps_no_copy: `The mail settings keep no copy in Sent Items, so there is nothing to find, and here this means: ${lower(repeats)} ${oftener}`,
  no_right: `The consent has no right to read mail (Mail.ReadWrite), so here this means: ${lower(repeats)} ${oftener}`,
};

/** What each choice does with a mail in doubt and what it risks, for the project's own server. */
export function uncertainNote(choice: Choice, looks: LookAbility | null): string {
  switch (choice) {
    case 'resend':
      return lookNotes[looks ?? 'smtp'];
    case 'resend_at_once':
      return looks === 'looks'
        ? `${repeats} Up to two minutes sooner than with a look, but ${lower(oftener)}`
        : `The same as the choice above while the server cannot tell. ${oftener}`;
    case 'hold':
      return 'It waits in the list of uncertain mails until somebody decides. Nobody gets it twice without that; if it did not arrive, nobody gets it until then.';
    default:
      return choice satisfies never;
  }
}

function lower(sentence: string): string {
  return sentence.slice(0, 1).toLowerCase() + sentence.slice(1);
}

/** What a changed schedule means for mail that is being tried again now. */
export function effectWords({ retrying, lastTry }: DeliveryPreview): string {
  if (retrying === 0) return 'No mail waits for another try now.';
  const capped = retrying > deliveryCountCap;
  const count = capped ? `More than ${formatNumber(deliveryCountCap)} mails` : formatCount(retrying, 'mail');
  const isOne = retrying === 1;
  const waits = `${count} ${isOne ? 'waits for its next try. It keeps that time; its' : 'wait for their next try. They keep that time; their'} later tries follow this schedule.`;
  if (lastTry === 0) return waits;
  const ends = isOne ? 'It is' : `${formatNumber(lastTry)} of them ${lastTry === 1 ? 'is' : 'are'}`;
  return `${waits} ${ends} given up if that try fails.`;
}
