import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { requireActive } from '../access/require-active.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { newId } from '../ids.ts';
import { parseInput } from '../parse-input.ts';
import { checkCertificates } from './check-certificates.ts';
import { toDocument } from './convert.ts';
import { loadCurrentDocument } from './load-settings.ts';
import { type OpenedMailSettings, openMailSettings } from './open-mail-settings.ts';
import { keptGrant, planSecrets, type SecretPlan } from './plan-secrets.ts';
import { mailSettingsInput, type MailSettingsFields } from './schemas.ts';

export interface SettingsUnderTest {
  readonly projectId: string;
  readonly projectName: string;
  readonly laneId: string;
  /** For a draft, the version that it would replace, 0 where there is none. */
  readonly opened: OpenedMailSettings;
}

/**
 * Opens unsaved values for a test mail. A kept secret is opened only for the place that it was saved for, exactly as
 * saving would (PRODUCT 2.18); else `secret_required`.
 */
export function openDraftSettings(
  ctx: Context,
  { project: reference, input }: { project: string; input: MailSettingsFields },
): Promise<SettingsUnderTest> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, reference);
    requirePermission(ctx, 'settings.test', project.id);
    requireActive(project);
    const given = parseInput(mailSettingsInput, input);
    checkCertificates(given);
    const current = await loadCurrentDocument(tx, project);
    const plans = planSecrets(current, given);
    const version = project.settingsVersion ?? 0;
    const isKept = Object.values(plans).some(({ kind }) => kind === 'keep');
    const saved = isKept
      ? await openMailSettings(tx, ctx.keyring, {
          organizationId: ctx.organizationId,
          projectId: project.id,
          version,
        })
      : null;
    const opened = {
      version,
      document: toDocument(given, {
        secrets: {
          password: draftId(plans.password),
          alternate_password: draftId(plans.alternate_password),
          proxy_password: draftId(plans.proxy_password),
          client_secret: draftId(plans.client_secret),
          private_key: draftId(plans.private_key),
        },
        grantId: keptGrant(current, given) ?? newId(),
      }),
      password: secretFor(plans.password, saved?.password ?? null),
      alternatePassword: secretFor(plans.alternate_password, saved?.alternatePassword ?? null),
      proxyPassword: secretFor(plans.proxy_password, saved?.proxyPassword ?? null),
      clientSecret: secretFor(plans.client_secret, saved?.clientSecret ?? null),
      privateKey: secretFor(plans.private_key, saved?.privateKey ?? null),
    };
    return { projectId: project.id, projectName: project.name, laneId: project.laneId, opened };
  });
}

/** Opens the saved settings for a test mail. Throws `not_set_up` where there are none. */
export function openSavedSettings(
  ctx: Context,
  { project: reference }: { project: string },
): Promise<SettingsUnderTest> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, reference);
    requirePermission(ctx, 'settings.test', project.id);
    requireActive(project);
    if (project.settingsVersion === null) {
      throw new DomainError('not_set_up', 'The mail settings of this project are not set up.');
    }
    const opened = await openMailSettings(tx, ctx.keyring, {
      organizationId: ctx.organizationId,
      projectId: project.id,
      version: project.settingsVersion,
    });
    return { projectId: project.id, projectName: project.name, laneId: project.laneId, opened };
  });
}

// A typed secret of a draft has no row; an id of its own keeps the document whole.
function draftId(plan: SecretPlan): string | null {
  switch (plan.kind) {
    case 'none':
      return null;
    case 'keep':
      return plan.secretId;
    case 'seal':
      return newId();
    default:
      return plan satisfies never;
  }
}

function secretFor(plan: SecretPlan, saved: string | null): string | null {
  switch (plan.kind) {
    case 'none':
      return null;
    case 'keep':
      return saved;
    case 'seal':
      return plan.value;
    default:
      return plan satisfies never;
  }
}
