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
import {
  exchangeConnection,
  graphConnection,
  inboxConnection,
  tokenSmtpConnection,
} from './demo-connections.ts';
import { demoMails } from './demo-mails.ts';
import { fillDemo } from './fill-demo.ts';
import { standInMailboxes, type StandIns } from './stand-ins.ts';

const operator = 'npm start';
const ownerEmail = 'dana@northwind.example';

interface DemoProject {
  readonly name: string;
  readonly slug: string;
  readonly sender: string;
  readonly address: string;
}

const inboxProjects: readonly DemoProject[] = [
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
];

/** They send through the stand-ins for Microsoft and Exchange. */
const standInProjects = [
  {
    name: 'Field visits',
    slug: 'field-visits',
    sender: 'Northwind field visits',
    address: standInMailboxes.graph,
    connection: graphConnection,
  },
  {
    name: 'Warehouse',
    slug: 'warehouse',
    sender: 'Northwind warehouse',
    address: standInMailboxes.exchange,
    connection: exchangeConnection,
  },
  {
    name: 'Events',
    slug: 'events',
    sender: 'Northwind events',
    address: standInMailboxes.smtp,
    connection: tokenSmtpConnection,
  },
] as const satisfies readonly (DemoProject & {
  connection: (standIns: StandIns) => MailSettingsFields['connection'];
})[];

export const demoProjects: readonly DemoProject[] = [...inboxProjects, ...standInProjects];

const signInSchema = z.object({ email: z.string(), password: z.string() });

export type DemoSignIn = z.infer<typeof signInSchema>;

export interface DemoPlaces {
  readonly dataFolder: string;
  readonly inboxPort: number;
  /** Null: they do not run, and the demo goes without their projects. */
  readonly standIns: StandIns | null;
}

/**
 * Makes the demo organization through the same verbs as everybody: three projects that send to the built-in inbox,
 * one each by Microsoft Graph, Exchange Web Services and SMTP with OAuth, an owner with a password of its own, mails
 * that wait for the worker, and some of everything else that a page shows.
 */
export async function seedDemo(
  services: Services,
  { dataFolder, inboxPort, standIns }: DemoPlaces,
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
  const made = new Set<string>();
  for (const project of inboxProjects) {
    made.add(await makeProject(ctx, project, inboxConnection(inboxPort)));
  }
  if (standIns !== null) {
    for (const project of standInProjects) {
      made.add(await makeProject(ctx, project, project.connection(standIns)));
    }
  }
  for (const { project, message } of demoMails) {
    if (made.has(project)) await acceptMessage(ctx, project, message, { source: 'api' });
  }
  await fillDemo(ctx);
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

async function makeProject(
  ctx: Context,
  { name, slug, sender, address }: DemoProject,
  connection: MailSettingsFields['connection'],
): Promise<string> {
  await createProject(ctx, { name, slug });
  const input: MailSettingsFields = {
    sender: { name: sender, address, replyTo: null },
    connection,
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
  await saveMailSettings(ctx, { project: slug, input, expectedVersion: null, whileSending: 'save_only' });
  return slug;
}
