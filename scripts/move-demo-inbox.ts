import { demoOrganization } from '#lib/inbox/inbox-membership.ts';
import { DomainError } from '#lib/errors.ts';
import type { Services } from '#lib/context.ts';
import { openOperatorContext } from '#lib/organizations/open-operator-context.ts';
import { toInput } from '#lib/settings/convert.ts';
import { getMailSettings } from '#lib/settings/get-mail-settings.ts';
import { saveMailSettings } from '#lib/settings/save-mail-settings.ts';
import { demoProjects } from './seed-demo.ts';

/**
 * Lets the demo's projects follow the built-in inbox to another port. Settings that a person has pointed elsewhere
 * stay as they are, and so does an organization of that name that is not the demo.
 */
export async function moveDemoInbox(services: Services, from: number, to: number): Promise<void> {
  try {
    await moveProjects(services, from, to);
  } catch (error) {
    // Whoever has archived or renamed a part of the demo has made it their own.
    if (!(error instanceof DomainError)) throw error;
    services.log.warn({ code: error.code }, 'the demo does not follow the inbox to its new port');
  }
}

async function moveProjects(services: Services, from: number, to: number): Promise<void> {
  const ctx = await openOperatorContext(services, { organization: demoOrganization, label: 'npm start' });
  for (const { slug } of demoProjects) {
    const { settings, version } = await getMailSettings(ctx, { project: slug });
    if (settings === null) continue;
    const { connection } = settings;
    const isInbox = connection.kind === 'smtp' && connection.host === '127.0.0.1' && connection.port === from;
    // Signing in needs a password that goes nowhere else unasked.
    if (!isInbox || connection.authentication.kind !== 'none') continue;
    const input = toInput({ ...settings, connection: { ...connection, port: to } });
    await saveMailSettings(ctx, {
      project: slug,
      input,
      expectedVersion: version,
      whileSending: 'save_only',
    });
  }
}
