import type { Task } from 'graphile-worker';
import type { Services } from '#lib/context.ts';
import { renewDueTokens } from '#lib/oauth/renew-tokens.ts';

/** Renews tokens whose day has come, whether or not anybody sends. */
export function renewTokensTask(services: Services): Task {
  return async () => {
    await renewDueTokens(services);
  };
}
