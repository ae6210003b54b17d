import { headers } from 'next/headers';
import { notFound, redirect } from 'next/navigation';
import { cache } from 'react';
import type { Context } from '#lib/context.ts';
import { DomainError } from '#lib/errors.ts';
import { paths } from '#lib/paths.ts';
import { pathHeader } from './path-header.ts';
import { portalServices } from './services.ts';
import { findSession } from './session.ts';
import { requestSource } from './source.ts';

/** The context of the signed-in person in one organization, once per request. */
export const findContext = cache(
  async (organization: string): Promise<Context | 'signed_out' | 'not_found'> => {
    const session = await findSession();
    if (session === null) return 'signed_out';
    const membership = session.memberships.find((each) => each.slug === organization);
    if (membership === undefined) return 'not_found';
    return {
      ...portalServices(),
      organizationId: membership.organizationId,
      actor: {
        kind: 'user',
        userId: session.userId,
        email: session.email,
        role: membership.role,
        projectIds: membership.projectIds,
      },
      source: requestSource(await headers()),
    };
  },
);

/** For pages and layouts: the context, or the way to the sign-in page, or "not found". */
export async function requireContext(organization: string): Promise<Context> {
  const ctx = await findContext(organization);
  if (ctx === 'signed_out') redirect(await signInPath());
  if (ctx === 'not_found') notFound();
  return ctx;
}

/** The sign-in page that leads back to where the request wanted to go. */
export async function signInPath(): Promise<string> {
  const wanted = (await headers()).get(pathHeader);
  return paths.signIn(wanted === null || wanted === paths.root() ? {} : { from: wanted });
}

/** For pages: what a verb reads, with its "there is no such …" as the page that says so. */
export async function readOrNotFound<Data>(read: Promise<Data>): Promise<Data> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'not_found') notFound();
    throw error;
  }
}
