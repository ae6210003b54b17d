import type { HoldEffect } from '#lib/messages/read-hold-effect.ts';
import { SumTable } from '#app/_ui/dialog.tsx';
import { formatCount, formatNumber } from '#app/_ui/format-number.ts';
import { RelativeTime } from '#app/_ui/time.tsx';

/** How full the backlog is once these mails are held, and which of them expire there. */
export function HoldSum({ mails, hold }: { mails: number; hold: HoldEffect }) {
  const { inBacklog, expiring, firstExpiryAt } = hold;
  const expire = expiring === 1 ? 'expires' : 'expire';
  const which = mails === 1 ? 'It' : expiring === mails ? 'All of them' : `${formatNumber(expiring)} of them`;
  return (
    <>
      <SumTable
        rows={[
          { name: 'In the backlog now', value: formatNumber(inBacklog) },
          { name: mails === 1 ? 'This mail' : 'These mails', value: `+ ${formatNumber(mails)}` },
          { name: 'In the backlog then', value: formatCount(inBacklog + mails, 'mail') },
        ]}
      />
      {firstExpiryAt !== null && (
        <p className="text-text-2">
          {which} {expire} while held{expiring === 1 ? '' : ', the first'}{' '}
          <RelativeTime iso={firstExpiryAt} />.
        </p>
      )}
    </>
  );
}
