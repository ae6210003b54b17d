'use server';

import { redirect } from 'next/navigation';
import { paths } from '#lib/paths.ts';
import { endSession } from '../_server/session.ts';

/** Belongs to no organization, so it is no verb of one: ends the caller's own session. */
export async function signOut(): Promise<void> {
  await endSession();
  redirect(paths.signIn());
}
