'use server';

import type { Context } from '#lib/context.ts';
import { DomainError } from '#lib/errors.ts';
import { type ChangePassword, changePassword } from '#lib/sessions/change-password.ts';
import { defineAction } from '#app/_server/action.ts';
import { readSessionId } from '#app/_server/session.ts';

export const changeOwnPassword = defineAction(changeHere, { refreshes: false });

/** The browser's own session goes on; which one that is, the cookie says. */
async function changeHere(ctx: Context, input: Omit<ChangePassword, 'sessionId'>): Promise<null> {
  const sessionId = await readSessionId();
  if (sessionId === null) throw new DomainError('unauthenticated', 'Your session has ended. Sign in again.');
  await changePassword(ctx, { current: input.current, next: input.next, sessionId });
  return null;
}
