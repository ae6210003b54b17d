import { portalServices } from '#app/_server/services.ts';
import type { Services } from '#lib/context.ts';
import { testKeys } from '#tests/support/factories.ts';
import { endWithFile } from '#tests/support/file-endings.ts';
import { apiClient } from './client.ts';

export interface OpenedPortal {
  readonly services: Services;
  readonly api: ReturnType<typeof apiClient>;
}

/**
 * Makes this process a portal on a database until the test file ends: the services that its routes open by the
 * environment, and a client of its API.
 */
export function openPortal(
  databaseUrl: string,
  changes: Readonly<Record<string, string>> = {},
): OpenedPortal {
  const set = { DATABASE_URL: databaseUrl, MAILROOM_KEYS: testKeys, LOG_LEVEL: 'silent', ...changes };
  const usual = Object.keys(set).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, set);
  globalThis.mailroomPortal = undefined;
  const services = portalServices();
  endWithFile(async () => {
    globalThis.mailroomPortal = undefined;
    for (const [name, value] of usual) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await services.database.close();
  });
  return { services, api: apiClient(services) };
}
