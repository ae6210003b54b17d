import type { Task } from 'graphile-worker';
import type { Services } from '#lib/context.ts';
import { destroySupersededSecrets } from '#lib/settings/destroy-superseded-secrets.ts';

/** Destroys secrets that newer settings have replaced. */
export function destroySecretsTask(services: Services): Task {
  return async () => {
    await destroySupersededSecrets(services);
  };
}
