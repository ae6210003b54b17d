import { refresh } from 'next/cache';
import { z } from 'zod';
import type { Context } from '#lib/context.ts';
import { DomainError } from '#lib/errors.ts';
import { findContext } from './context.ts';
import { type PresentedError, presentError } from './present-error.ts';
import { portalServices } from './services.ts';

/** What every server action answers: a value or a refusal, never a throw. */
export type ActionResult<Data> =
  | { readonly ok: true; readonly data: Data }
  | { readonly ok: false; readonly error: PresentedError };

/** An action as the page calls it: the organization's slug first, then what the verb takes after its context. */
export type Action<Input extends readonly unknown[], Data> = (
  organization: string,
  ...input: Input
) => Promise<ActionResult<Data>>;

export interface ActionOptions {
  /** False where nothing that the page shows can change: looking something up, a test mail. */
  readonly refreshes?: boolean;
}

/**
 * The one way to make a server action: session → context → verb → typed result. The verb itself does permission,
 * parsing and its transaction. After success the page that called fetches its data again.
 */
export function defineAction<Input extends readonly unknown[], Data>(
  verb: (ctx: Context, ...input: Input) => Promise<Data>,
  options: ActionOptions = {},
): Action<Input, Data> {
  return async (organization, ...input) => {
    try {
      const data = await verb(await actionContext(organization), ...input);
      if (options.refreshes !== false) refresh();
      return { ok: true, data };
    } catch (error) {
      return { ok: false, error: presentError(error, portalServices().log, verb.name || 'action') };
    }
  };
}

// Everything that a browser sends is unknown, the organization too.
async function actionContext(organization: string): Promise<Context> {
  const ctx = await findContext(z.string().max(64).parse(organization));
  if (ctx === 'signed_out') {
    throw new DomainError(
      'unauthenticated',
      'Your session has ended. Sign in again; what you typed is still here.',
    );
  }
  if (ctx === 'not_found') throw new DomainError('not_found', 'There is no such organization.');
  return ctx;
}
