import { demoOrganization } from '#lib/inbox/inbox-membership.ts';
import { DomainError } from '#lib/errors.ts';
import type { Services } from '#lib/context.ts';
import { openOperatorContext } from '#lib/organizations/open-operator-context.ts';
import { toInput } from '#lib/settings/convert.ts';
import { getMailSettings } from '#lib/settings/get-mail-settings.ts';
import { saveMailSettings } from '#lib/settings/save-mail-settings.ts';
import type { MailSettingsView, SecretInput } from '#lib/settings/schemas.ts';
import { type DemoPorts, exchangeUserName, movedSettings } from './demo-connections.ts';
import { demoProjects } from './seed-demo.ts';
import type { StandIns } from './stand-ins.ts';

export interface DemoMove {
  readonly from: DemoPorts;
  readonly to: DemoPorts;
  readonly standIns: StandIns | null;
}

/**
 * Lets the demo's projects follow the built-in inbox and the stand-ins to other ports. Settings that a person has
 * pointed elsewhere stay as they are, and so does an organization of that name that is not the demo.
 */
export async function moveDemo(services: Services, move: DemoMove): Promise<void> {
  try {
    const ctx = await openOperatorContext(services, { organization: demoOrganization, label: 'npm start' });
    for (const { slug } of demoProjects) await moveProject(ctx, slug, move);
  } catch (error) {
    // Whoever has archived or renamed a part of the demo has made it their own.
    if (!(error instanceof DomainError)) throw error;
    services.log.warn({ code: error.code }, 'the demo does not follow its servers to their new ports');
  }
}

async function moveProject(
  ctx: Awaited<ReturnType<typeof openOperatorContext>>,
  project: string,
  { from, to, standIns }: DemoMove,
): Promise<void> {
  const { settings, version } = await getMailSettings(ctx, { project });
  const moved = settings === null ? null : movedSettings(settings, from, to);
  const secrets = moved === null ? null : ownSecrets(moved, standIns);
  if (moved === null || secrets === null) return;
  await saveMailSettings(ctx, {
    project,
    input: toInput(moved, secrets),
    expectedVersion: version,
    whileSending: 'save_only',
  });
}

/** The secrets that go along: one saved for an address is sent to no other unasked. Null: a person has put in theirs. */
function ownSecrets(
  { connection: { authentication } }: MailSettingsView,
  standIns: StandIns | null,
): Partial<Record<'password' | 'client_secret', SecretInput>> | null {
  if (authentication.kind === 'none') return {};
  if (standIns === null) return null;
  if (authentication.kind === 'basic') {
    const isOwn = authentication.userName === exchangeUserName;
    return isOwn ? { password: { kind: 'set', value: standIns.exchangePassword } } : null;
  }
  const isOwn = authentication.clientId === standIns.clientId && authentication.credential.kind === 'secret';
  return isOwn ? { client_secret: { kind: 'set', value: standIns.clientSecret } } : null;
}
