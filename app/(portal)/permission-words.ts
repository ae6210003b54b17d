import { type Permission, permissions, type Role } from '#lib/access/roles.ts';

const roleWords: Readonly<Record<Role, string>> = {
  owner: 'owners',
  administrator: 'administrators',
  operator: 'operators',
  auditor: 'auditors',
  viewer: 'viewers',
};

/** "This is for owners, administrators and operators." Said on a control that the reader may not use. */
export function whyNot(permission: Permission): string {
  const named = permissions[permission].roles.map((role) => roleWords[role]);
  const last = named.at(-1) ?? 'nobody';
  const others = named.slice(0, -1);
  return `This is for ${others.length === 0 ? last : `${others.join(', ')} and ${last}`} of the organization.`;
}
