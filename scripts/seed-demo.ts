import { randomInt } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Context, Services } from '#lib/context.ts';
import { demoOrganization } from '#lib/inbox/inbox-membership.ts';
import { acceptMessage } from '#lib/messages/accept-message.ts';
import { createOrganization } from '#lib/organizations/create-organization.ts';
import { createOwner } from '#lib/organizations/create-owner.ts';
import { createProject } from '#lib/organizations/create-project.ts';
import { openOperatorContext } from '#lib/organizations/open-operator-context.ts';
import { saveMailSettings } from '#lib/settings/save-mail-settings.ts';
import { defaultRetrySchedule, type MailSettingsFields } from '#lib/settings/schemas.ts';
import { demoMails } from './demo-mails.ts';

const operator = 'npm start';
const ownerEmail = 'dana@northwind.example';

export const demoProjects = [
  {
    name: 'Customer portal',
    slug: 'customer-portal',
    sender: 'Northwind portal',
    address: 'portal@northwind.example',
  },
  {
    name: 'Service desk',
    slug: 'service-desk',
    sender: 'Northwind service desk',
    address: 'desk@northwind.example',
  },
  { name: 'Billing', slug: 'billing', sender: 'Northwind billing', address: 'billing@northwind.example' },
] as const;

const signInSchema = z.object({ email: z.string(), password: z.string() });

export type DemoSignIn = z.infer<typeof signInSchema>;

/**
 * Makes the demo organization through the same verbs as everybody: three projects that send to the built-in inbox,
 * an owner with a password of its own, and mails that wait for the worker.
 */
export async function seedDemo(
  services: Services,
  { dataFolder, inboxPort }: { dataFolder: string; inboxPort: number },
): Promise<DemoSignIn> {
  const signIn: DemoSignIn = { email: ownerEmail, password: readablePassword() };
  await createOrganization(services, operator, {
    name: 'Northwind Services',
    slug: demoOrganization,
    timeZone: 'Europe/Berlin',
  });
  await createOwner(services, operator, {
    organization: demoOrganization,
    name: 'Dana Whitfield',
    ...signIn,
  });
  const ctx = await openOperatorContext(services, { organization: demoOrganization, label: operator });
  for (const project of demoProjects) {
    const { slug } = await createProject(ctx, { name: project.name, slug: project.slug });
    await pointAtInbox(ctx, slug, inboxSettings(project.sender, project.address, inboxPort));
  }
  for (const { project, message } of demoMails) await acceptMessage(ctx, project, message, { source: 'api' });
  await writeFile(signInFile(dataFolder), `${JSON.stringify(signIn, null, 2)}\n`, { mode: 0o600 });
  return signIn;
}

// 14 letters and figures that nobody mistakes for one another: 70 bits.
function readablePassword(): string {
  const signs = 'abcdefghjkmnpqrstuvwxyz23456789';
  return Array.from({ length: 14 }, () => signs[randomInt(signs.length)]).join('');
}

/** The demo's sign-in as it was made, or null where this installation has no demo. */
export async function readDemoSignIn(dataFolder: string): Promise<DemoSignIn | null> {
  const text = await readFile(signInFile(dataFolder), 'utf8').catch(() => null);
  return text === null ? null : signInSchema.parse(JSON.parse(text));
}

function signInFile(dataFolder: string): string {
  return join(dataFolder, 'demo.json');
}

async function pointAtInbox(ctx: Context, project: string, input: MailSettingsFields): Promise<void> {
  await saveMailSettings(ctx, { project, input, expectedVersion: null, whileSending: 'save_only' });
}

function inboxSettings(name: string, address: string, port: number): MailSettingsFields {
  return {
    sender: { name, address, replyTo: null },
    connection: {
      kind: 'smtp',
      protocol: 'smtp',
      host: '127.0.0.1',
      port,
      alternateHost: null,
      tlsPolicy: 'none',
      checkCertificate: true,
      customCa: null,
      maxConnections: 4,
      authentication: { kind: 'none' },
    },
    proxy: { use: false, server: null },
    debug: { until: null },
    sending: {
      mode: { kind: 'live' },
      allowedSenders: [],
      otherSenders: 'refuse',
      uncertain: 'resend',
      retry: defaultRetrySchedule,
    },
  };
}
