import { notFound, redirect } from 'next/navigation';
import { can } from '#lib/access/can.ts';
import { inboxMembership } from '#lib/inbox/inbox-membership.ts';
import { requireContext, signInPath } from './context.ts';
import { portalEnvironment } from './services.ts';
import { findSession } from './session.ts';

export interface InboxAccess {
  readonly folder: string;
  /** The organization whose frame the page has. */
  readonly organization: string;
  /** False: whoever may not read the content of mail sees none here either. */
  readonly mayRead: boolean;
}

/** The built-in inbox for a member of the demo's organization; "not found" for others and where `npm start` runs none. */
export async function requireInbox(): Promise<InboxAccess> {
  const session = await findSession();
  if (session === null) redirect(await signInPath());
  const folder = portalEnvironment().inboxFolder;
  const membership = inboxMembership(session.memberships);
  if (folder === null || membership === null) notFound();
  const ctx = await requireContext(membership.slug);
  return { folder, organization: membership.slug, mayRead: can(ctx.actor, 'messages.content', null) };
}
