import { describe, expect, test } from 'vitest';
import { can } from '#lib/access/can.ts';
import {
  keyScopes,
  type KeyScope,
  type Permission,
  permissions,
  type Role,
  roles,
} from '#lib/access/roles.ts';
import type { Actor } from '#lib/context.ts';
import { newId } from '#lib/ids.ts';

const project = newId();
const other = newId();

function user(role: Role, projectIds: readonly string[] | null = null): Actor {
  return { kind: 'user', userId: newId(), email: 'someone@example.com', role, projectIds };
}

function key(scopes: readonly KeyScope[]): Actor {
  return { kind: 'key', keyId: newId(), label: 'Key', projectId: project, scopes };
}

const everyPermission = Object.keys(permissions).filter((name): name is Permission => name in permissions);

describe('roles', () => {
  test.each([
    ['viewer', ['organization.read', 'project.read', 'settings.read', 'messages.read', 'limits.read']],
    [
      'auditor',
      [
        'organization.read',
        'project.read',
        'settings.read',
        'messages.read',
        'limits.read',
        'keys.read',
        'audit.read',
      ],
    ],
    ['owner', everyPermission],
    ['administrator', everyPermission],
  ] as const)('a %s may do exactly this in a project', (role, allowed) => {
    expect(everyPermission.filter((permission) => can(user(role), permission, project)).toSorted()).toEqual(
      [...allowed].toSorted(),
    );
  });

  test('an operator works on mail, but changes no settings, keys, projects or fleet', () => {
    const forbidden = everyPermission.filter((permission) => !can(user('operator'), permission, project));
    expect(forbidden.toSorted()).toEqual([
      'connections.consent',
      'fleet.resume',
      'keys.write',
      'limits.write',
      'organization.manage',
      'project.create',
      'project.manage',
      'settings.write',
    ]);
  });

  test.each(roles)(
    'a %s of one project has nothing in another, and of the organization only its name',
    (role) => {
      const narrowed = user(role, [project]);
      for (const permission of everyPermission) {
        expect(can(narrowed, permission, other), permission).toBe(false);
        expect(can(narrowed, permission, null), permission).toBe(permission === 'organization.read');
      }
    },
  );
});

describe('keys', () => {
  test('do what their scopes say, in their project only', () => {
    expect(can(key(['send']), 'messages.send', project)).toBe(true);
    expect(can(key(['send']), 'messages.read', project)).toBe(false);
    expect(can(key(['read']), 'messages.read', project)).toBe(true);
    expect(can(key(['resume']), 'backlog.write', project)).toBe(true);
    expect(can(key(['send', 'read', 'cancel']), 'backlog.write', project)).toBe(false);
    expect(can(key(['send', 'read', 'cancel']), 'messages.send', other)).toBe(false);
    expect(can(key(['send', 'read', 'cancel']), 'messages.send', null)).toBe(false);
  });

  test('never reach settings, keys, content, release or the history', () => {
    const all = key(keyScopes);
    expect(everyPermission.filter((permission) => can(all, permission, project)).toSorted()).toEqual([
      'backlog.write',
      'limits.read',
      'messages.cancel',
      'messages.read',
      'messages.send',
      'project.read',
    ]);
  });

  test('without a scope do nothing', () => {
    expect(everyPermission.filter((permission) => can(key([]), permission, project))).toEqual([]);
  });
});
