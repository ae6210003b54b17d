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
