import type { Actor, Context } from '../context.ts';
import { DomainError } from '../errors.ts';
import { type KeyScope, type Permission, permissions, type Role } from './roles.ts';

/** Whether the actor may do this, in this project or (null) in the organization as a whole. Pure. */
export function can(actor: Actor, permission: Permission, projectId: string | null): boolean {
  const row: { roles: readonly Role[]; scopes: readonly KeyScope[] } = permissions[permission];
  switch (actor.kind) {
    case 'operator':
    case 'system':
      return true;
    case 'user':
      return row.roles.includes(actor.role) && reaches(actor.projectIds, projectId, permission);
    case 'key':
      return projectId === actor.projectId && actor.scopes.some((scope) => row.scopes.includes(scope));
    default:
      return actor satisfies never;
  }
}

function reaches(
  projectIds: readonly string[] | null,
  projectId: string | null,
  permission: Permission,
): boolean {
  if (projectIds === null) return true;
  // A member of some projects still sees the organization's name, but changes nothing of it.
  if (projectId === null) return permission === 'organization.read';
  return projectIds.includes(projectId);
}

/** Throws `forbidden` unless the actor may do this. */
export function requirePermission(ctx: Context, permission: Permission, projectId: string | null): void {
  if (can(ctx.actor, permission, projectId)) return;
  throw new DomainError(
    'forbidden',
    'You may not do this. An owner or administrator of the organization can.',
    {
      data: { permission },
    },
  );
}
