import { isDeepStrictEqual } from 'node:util';
import { asOwner } from '#db/client.ts';
import type { Services } from '#lib/context.ts';
import { createSetupLink } from '#lib/sessions/create-setup-link.ts';
import { moveDemo } from './move-demo.ts';
import { type DemoSignIn, readDemoSignIn, seedDemo } from './seed-demo.ts';
import type { StandIns } from './stand-ins.ts';

export interface FirstSteps {
  /** The demo's sign-in, where this installation has a demo. */
  readonly signIn: DemoSignIn | null;
  /** The one-time address that makes the first owner, where there is nobody yet. */
  readonly setupLink: string | null;
}

export interface FirstUseOptions {
  readonly dataFolder: string;
  /** Null: no demo is wanted. */
  readonly demo: DemoServers | null;
  readonly say: (line: string) => void;
}

/** The servers that the demo's projects send to. */
export interface DemoServers {
  readonly inboxPort: number;
  /** The inbox's port at the last start; null at the first. */
  readonly earlierInboxPort: number | null;
  /** Null: they do not run. `before` is null at their first start. */
  readonly standIns: { readonly now: StandIns; readonly before: StandIns | null } | null;
}

/** Fills an empty database with the demo, or makes the way in for its first owner. Changes no other database. */
export async function prepareFirstUse(services: Services, options: FirstUseOptions): Promise<FirstSteps> {
  const { dataFolder, demo, say } = options;
  const has = await readContents(services);
  if (!has.organization && demo !== null) {
    say('Making the demo organization …');
    const { inboxPort, standIns } = demo;
    const places = { dataFolder, inboxPort, standIns: standIns?.now ?? null };
    return { signIn: await seedDemo(services, places), setupLink: null };
  }
  if (!has.people) return { signIn: null, setupLink: (await createSetupLink(services)).url };
  const signIn = demo === null ? null : await readDemoSignIn(dataFolder);
  if (signIn !== null && demo !== null) await followServers(services, demo);
  return { signIn, setupLink: null };
}

async function followServers(
  services: Services,
  { inboxPort, earlierInboxPort, standIns }: DemoServers,
): Promise<void> {
  const from = { inbox: earlierInboxPort ?? inboxPort, standIns: standIns?.before?.ports ?? null };
  const to = { inbox: inboxPort, standIns: standIns?.now.ports ?? null };
  if (from.inbox === to.inbox && isDeepStrictEqual(from.standIns, to.standIns)) return;
  await moveDemo(services, { from, to, standIns: standIns?.now ?? null });
}

function readContents(services: Services): Promise<{ organization: boolean; people: boolean }> {
  return asOwner(services.database, async (tx) => {
    const { rows } = await tx.query<{ organization: boolean; people: boolean }>(
      `select exists (select from mailroom.organizations) as organization,
              exists (select from mailroom.users) as people`,
    );
    return rows[0] ?? { organization: false, people: false };
  });
}
