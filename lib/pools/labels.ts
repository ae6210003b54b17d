import type { PaceCause } from '#lib/policy/pace.ts';
import type { PoolKind } from './schemas.ts';

export const poolKindLabels: Readonly<
  Record<PoolKind, { readonly label: string; readonly meaning: string }>
> = {
  mailbox: { label: 'Mailbox', meaning: 'Everything that leaves through one mailbox.' },
  sign_in: { label: 'Sign-in', meaning: 'Everything that leaves through one user name at one server.' },
  tenant: {
    label: 'Tenant',
    meaning: 'Everything that leaves through one account or tenant of the provider.',
  },
};

/** Which of the figures a mail waits for, as it stands behind the pool's name. */
export const paceCauseWords: Readonly<Record<PaceCause, string>> = {
  minute: 'a minute',
  hour: 'an hour',
  bytes: 'in 5 minutes',
};
