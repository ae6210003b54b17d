import { randomBytes } from 'node:crypto';
import { asOwner, type Database } from '#db/client.ts';
import { lanes, projects } from '#db/schema/projects.ts';
import { memberships, organizations, users } from '#db/schema/people.ts';
import type { Role } from '#lib/access/roles.ts';
import { systemClock } from '#lib/clock.ts';
import type { Actor, Context, Log, Services } from '#lib/context.ts';
import { newId } from '#lib/ids.ts';
import { createKeyring } from '#lib/secrets/keyring.ts';

/** A log that keeps its lines for the test to look at, and prints none. */
export interface KeptLog extends Log {
  readonly lines: { level: string; fields: Readonly<Record<string, unknown>>; message: string }[];
}

export function keptLog(): KeptLog {
  const lines: KeptLog['lines'] = [];
  const at =
    (level: string) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void => {
      lines.push({ level, fields, message });
    };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** A sealing key for tests, in the form of MAILROOM_KEYS. Worker processes of a test take it by environment. */
export const testKeys = `test:${randomBytes(32).toString('base64')}`;

/** What a process brings along, on a test database. Loopback is allowed to mail servers, as tests run theirs there. */
export function testServices(database: Database, changes: Partial<Services> = {}): Services {
  return {
    database,
    clock: systemClock,
    log: keptLog(),
    keyring: createKeyring(testKeys),
    settings: {
      portalUrl: 'http://localhost:3000',
      ehloName: 'worker.test',
      allowedAddresses: ['127.0.0.0/8', '::1'],
      maxMessageBytes: 36_700_160,
    },
    ...changes,
  };
}

export interface TestOrganization {
  readonly id: string;
  readonly slug: string;
}

export interface TestProject {
  readonly id: string;
  readonly slug: string;
  readonly laneId: string;
}

export interface TestUser {
  readonly id: string;
  readonly email: string;
}

let counter = 0;

// Short, and different in every worker process that shares a server.
function unique(prefix: string): string {
  counter += 1;
  return `${prefix}-${counter}-${randomBytes(3).toString('hex')}`;
}

export async function makeOrganization(
  database: Database,
  given: { name?: string; slug?: string; timeZone?: string } = {},
): Promise<TestOrganization> {
  const id = newId();
  const slug = given.slug ?? unique('org');
  await asOwner(database, (tx) =>
    tx.orm
      .insert(organizations)
      .values({ id, slug, name: given.name ?? slug, timeZone: given.timeZone ?? 'UTC' }),
  );
  return { id, slug };
}

/** A project without mail settings, on a lane of its own. */
export async function makeProject(
  database: Database,
  organization: TestOrganization,
  given: { name?: string; slug?: string } = {},
): Promise<TestProject> {
  const id = newId();
  const laneId = newId();
  const slug = given.slug ?? unique('project');
  await asOwner(database, async (tx) => {
    await tx.orm.insert(lanes).values({ id: laneId, organizationId: organization.id });
    await tx.orm
      .insert(projects)
      .values({ id, organizationId: organization.id, slug, name: given.name ?? slug, laneId });
  });
  return { id, slug, laneId };
}

/** A member without a usable password. `projectIds` null is every project. */
export async function makeMember(
  database: Database,
  organization: TestOrganization,
  role: Role,
  given: { email?: string; projectIds?: readonly string[] | null } = {},
): Promise<TestUser> {
  const id = newId();
  const email = given.email ?? `${unique('user')}@example.test`;
  await asOwner(database, async (tx) => {
    await tx.orm.insert(users).values({ id, email, name: email, passwordHash: 'none' });
    await tx.orm.insert(memberships).values({
      organizationId: organization.id,
      userId: id,
      role,
      projectIds: given.projectIds === undefined || given.projectIds === null ? null : [...given.projectIds],
    });
  });
  return { id, email };
}

/** The context of an actor in an organization: by default the operator, who may do everything. */
export function contextOf(
  services: Services,
  organization: TestOrganization,
  actor: Actor = { kind: 'operator', label: 'test' },
): Context {
  return {
    ...services,
    organizationId: organization.id,
    actor,
    source: { ip: '192.0.2.10', userAgent: 'test' },
  };
}

export function userActor(user: TestUser, role: Role, projectIds: readonly string[] | null = null): Actor {
  return { kind: 'user', userId: user.id, email: user.email, role, projectIds };
}
