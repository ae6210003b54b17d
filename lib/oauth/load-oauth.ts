import type { Transaction } from '#db/client.ts';
import type { ProjectRow } from '../access/load-project.ts';
import type { Context } from '../context.ts';
import { DomainError } from '../errors.ts';
import { openMailSettings } from '../settings/open-mail-settings.ts';
import type { GrantOwner } from './grant-store.ts';
import { type OauthSettings, oauthSettings } from './oauth-settings.ts';

/** The current settings of a project, opened for asking for tokens. Throws `wrong_state` where they have no OAuth. */
export async function loadOauth(
  tx: Transaction,
  ctx: Pick<Context, 'keyring' | 'settings'>,
  project: ProjectRow,
): Promise<{ settings: OauthSettings; version: number; owner: GrantOwner }> {
  if (project.settingsVersion === null) {
    throw new DomainError('not_set_up', 'The mail settings of this project are not set up.');
  }
  const { organizationId, id: projectId, settingsVersion: version } = project;
  const opened = await openMailSettings(tx, ctx.keyring, { organizationId, projectId, version });
  const settings = oauthSettings(opened, ctx.settings);
  if (settings === null) {
    throw new DomainError(
      'wrong_state',
      'The saved mail settings do not use OAuth. Save them with OAuth first.',
    );
  }
  return { settings, version, owner: { organizationId, projectId, grantId: settings.grantId } };
}
