export const roles = ['owner', 'administrator', 'operator', 'auditor', 'viewer'] as const;
export type Role = (typeof roles)[number];

export const keyScopes = ['send', 'read', 'cancel', 'resume'] as const;
export type KeyScope = (typeof keyScopes)[number];

/**
 * What may be done, and by whom. One table for the portal, the API and the command line: a role or a key scope that is
 * not named in a row may not do it. The operator's command line and the system itself may do everything.
 */
export const permissions = {
  'organization.read': { roles: ['owner', 'administrator', 'operator', 'auditor', 'viewer'], scopes: [] },
  'organization.manage': { roles: ['owner', 'administrator'], scopes: [] },
  'project.read': {
    roles: ['owner', 'administrator', 'operator', 'auditor', 'viewer'],
    scopes: ['send', 'read', 'cancel', 'resume'],
  },
  'project.create': { roles: ['owner', 'administrator'], scopes: [] },
  'project.manage': { roles: ['owner', 'administrator'], scopes: [] },
  'settings.read': { roles: ['owner', 'administrator', 'operator', 'auditor', 'viewer'], scopes: [] },
  'settings.write': { roles: ['owner', 'administrator'], scopes: [] },
  'settings.test': { roles: ['owner', 'administrator', 'operator'], scopes: [] },
  'connections.consent': { roles: ['owner', 'administrator'], scopes: [] },
  'sending.pause': { roles: ['owner', 'administrator', 'operator'], scopes: [] },
  'messages.read': { roles: ['owner', 'administrator', 'operator', 'auditor', 'viewer'], scopes: ['read'] },
  'messages.content': { roles: ['owner', 'administrator', 'operator'], scopes: [] },
  'messages.send': { roles: ['owner', 'administrator', 'operator'], scopes: ['send'] },
  'messages.cancel': { roles: ['owner', 'administrator', 'operator'], scopes: ['cancel'] },
  // Resume, suspend, hold by hand and take back what waits; `read` covers looking at it.
  'backlog.write': { roles: ['owner', 'administrator', 'operator'], scopes: ['resume'] },
  // Says what became of a mail of which nobody knows whether it arrived.
  'messages.decide': { roles: ['owner', 'administrator', 'operator'], scopes: [] },
  'messages.release': { roles: ['owner', 'administrator', 'operator'], scopes: [] },
  'keys.read': { roles: ['owner', 'administrator', 'operator', 'auditor'], scopes: [] },
  'keys.write': { roles: ['owner', 'administrator'], scopes: [] },
  'audit.read': { roles: ['owner', 'administrator', 'operator', 'auditor'], scopes: [] },
  'limits.read': { roles: ['owner', 'administrator', 'operator', 'auditor', 'viewer'], scopes: ['read'] },
  'limits.write': { roles: ['owner', 'administrator'], scopes: [] },
  // The workers serve all organizations: how they do, without whose mail they send.
  'fleet.read': { roles: ['owner', 'administrator', 'operator'], scopes: [] },
  'fleet.resume': { roles: ['owner', 'administrator'], scopes: [] },
} as const satisfies Record<string, { roles: readonly Role[]; scopes: readonly KeyScope[] }>;

export type Permission = keyof typeof permissions;
