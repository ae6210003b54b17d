import type { Context } from '#lib/context.ts';
import { getMailSettings } from '#lib/settings/get-mail-settings.ts';
import { saveMailSettings } from '#lib/settings/save-mail-settings.ts';
import { toInput } from '#lib/settings/convert.ts';

/** Where the simulator and its sign-in server listen, and what they take. */
export interface GraphPlace {
  readonly endpoint: string;
  /** PEM that both are trusted by. */
  readonly authority: string;
  readonly signInHost: string;
  readonly tenant: string;
  readonly clientSecret: string;
}

export const graphMailbox = 'bench@example.com';
export const graphClient = 'bench';

/** Lets a project send through the simulator as an app of its own. */
export async function useGraph(ctx: Context, project: string, place: GraphPlace): Promise<void> {
  const { settings, version } = await getMailSettings(ctx, { project });
  if (settings === null) throw new Error('The project is not set up');
  await saveMailSettings(ctx, {
    project,
    expectedVersion: version,
    whileSending: 'save_only',
    input: {
      ...toInput(settings),
      connection: {
        kind: 'graph',
        endpoint: place.endpoint,
        mailbox: graphMailbox,
        customCa: place.authority,
        saveToSentItems: true,
        proveOnce: false,
        requestsCountedBy: 'client_and_mailbox',
        authentication: {
          kind: 'oauth',
          server: { kind: 'microsoft', host: place.signInHost, tenant: place.tenant },
          access: 'app_only',
          clientId: graphClient,
          credential: {
            kind: 'secret',
            secret: { kind: 'set', value: place.clientSecret },
            expiresOn: null,
          },
          scope: 'https://graph.microsoft.com/.default',
          signInName: null,
        },
      },
    },
  });
}
