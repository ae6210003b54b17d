import type { Task } from 'graphile-worker';
import type { Services } from '#lib/context.ts';
import { destroySupersededTokens } from '#lib/oauth/destroy-tokens.ts';
import { destroySupersededSecrets } from '#lib/settings/destroy-superseded-secrets.ts';

/** Destroys secrets and tokens that newer settings have replaced. */
export function destroySecretsTask(services: Services): Task {
  return async () => {
    await destroySupersededSecrets(services);
    await destroySupersededTokens(services);
  };
}
