import { z } from 'zod';
import { type Transaction, withoutTenant } from '#db/client.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Actor, Context, Services } from '../context.ts';
import { DomainError } from '../errors.ts';
import { parseInput } from '../parse-input.ts';
import { membership, type Membership } from './membership.ts';
import { openSession } from './open-session.ts';
import { isPassword } from './passwords.ts';
import type { Source } from './source.ts';

const signInInput = z.object({
  email: z
    .string()
    .trim()
    .toLowerCase()
    .min(1, 'Type your e-mail address.')
    .max(254)
    .regex(/^\P{Cc}*$/u, 'This is not an e-mail address.'),
  password: z.string().min(1, 'Type your password.').max(1024),
});

/** Failures in 15 minutes after which more tries are refused unheard. */
const maxFailuresPerAddress = 10;
const maxFailuresPerSource = 50;

interface Person {
  readonly id: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly memberships: readonly Membership[];
}

/**
 * Opens a session for an e-mail address and its password. Throws `unauthenticated` when they do not match, in the
 * same time and words whether the address is known or not, and `too_many` after too many failures in 15 minutes.
 */
export async function signIn(
  services: Services,
  source: Source,
  credentials: unknown,
): Promise<{ sessionId: string }> {
  const { email, password } = parseInput(signInInput, credentials);
  const subjects = throttleSubjects(email, source);
  const looked = await withoutTenant(services.database, async (tx) => {
    const isAllowed = await countTry(tx, subjects);
    return isAllowed ? { found: await findPerson(tx, email) } : null;
  });
  if (looked === null)
    throw new DomainError('too_many', 'Too many failed sign-ins. Try again in 15 minutes.');
  const person = looked.found;
  const isRight = await isPassword(person?.passwordHash ?? null, password);
  if (isRight && person !== null) return succeed(services, source, { person, subjects });
  if (person !== null) await auditRefusal(services, source, person);
  throw new DomainError('unauthenticated', 'The e-mail address or the password is not right.');
}

type Subjects = readonly { readonly subject: string; readonly max: number }[];

function throttleSubjects(email: string, source: Source): Subjects {
  const byAddress = { subject: `address:${email}`, max: maxFailuresPerAddress };
  return source.ip === null
    ? [byAddress]
    : [byAddress, { subject: `source:${source.ip}`, max: maxFailuresPerSource }];
}

// Counted and committed before the password is looked at. False: too many already.
async function countTry(tx: Transaction, subjects: Subjects): Promise<boolean> {
  let isAllowed = true;
  for (const { subject, max } of subjects) {
    const { rows } = await tx.query<{ count: number }>('select mailroom.count_sign_in($1) as count', [
      subject,
    ]);
    isAllowed &&= (rows[0]?.count ?? 0) <= max;
  }
  return isAllowed;
}

async function findPerson(tx: Transaction, email: string): Promise<Person | null> {
  const { rows } = await tx.query<{ id: string; email: string; password_hash: string; memberships: unknown }>(
    'select id, email, password_hash, memberships from mailroom.find_user_for_sign_in($1)',
    [email],
  );
  const [row] = rows;
  if (row === undefined) return null;
  return {
    id: row.id,
    email: row.email,
    passwordHash: row.password_hash,
    memberships: z.array(membership).parse(row.memberships),
  };
}

function succeed(
  services: Services,
  source: Source,
  { person, subjects }: { person: Person; subjects: Subjects },
): Promise<{ sessionId: string }> {
  return withoutTenant(services.database, async (tx) => {
    for (const { subject } of subjects) await tx.query('select mailroom.forgive_sign_in($1)', [subject]);
    const sessionId = await openSession(tx, { userId: person.id, source });
    for (const { organizationId, role, projectIds } of person.memberships) {
      const actor: Actor = { kind: 'user', userId: person.id, email: person.email, role, projectIds };
      await auditIn(tx, { ...services, organizationId, actor, source }, 'session.opened', person);
    }
    return { sessionId };
  });
}

function auditRefusal(services: Services, source: Source, person: Person): Promise<void> {
  return withoutTenant(services.database, async (tx) => {
    for (const { organizationId } of person.memberships) {
      const actor: Actor = { kind: 'system', label: 'Sign-in page' };
      await auditIn(tx, { ...services, organizationId, actor, source }, 'session.refused', person);
    }
  });
}

// One sign-in concerns every organization of the person, so its transaction enters one tenant after the other.
async function auditIn(tx: Transaction, ctx: Context, action: string, person: Person): Promise<void> {
  await tx.query(`select set_config('mailroom.organization_id', $1, true)`, [ctx.organizationId]);
  await recordAudit(tx, ctx, {
    action,
    projectId: null,
    object: { kind: 'member', id: person.id, label: person.email },
  });
}
