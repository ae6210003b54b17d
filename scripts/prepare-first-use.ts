import { asOwner } from '#db/client.ts';
import type { Services } from '#lib/context.ts';
import { createSetupLink } from '#lib/sessions/create-setup-link.ts';
import { moveDemoInbox } from './move-demo-inbox.ts';
import { type DemoSignIn, readDemoSignIn, seedDemo } from './seed-demo.ts';

export interface FirstSteps {
  /** The demo's sign-in, where this installation has a demo. */
  readonly signIn: DemoSignIn | null;
  /** The one-time address that makes the first owner, where there is nobody yet. */
  readonly setupLink: string | null;
}

export interface FirstUseOptions {
  readonly dataFolder: string;
  /** Null: no demo is wanted. */
  readonly inboxPort: number | null;
  /** The inbox's port at the last start, where that was another one. */
  readonly earlierInboxPort: number | null;
  readonly say: (line: string) => void;
}

/** Fills an empty database with the demo, or makes the way in for its first owner. Changes no other database. */
export async function prepareFirstUse(services: Services, options: FirstUseOptions): Promise<FirstSteps> {
  const { dataFolder, inboxPort, earlierInboxPort, say } = options;
  const has = await readContents(services);
  if (!has.organization && inboxPort !== null) {
    say('Making the demo organization …');
    return { signIn: await seedDemo(services, { dataFolder, inboxPort }), setupLink: null };
  }
  if (!has.people) return { signIn: null, setupLink: (await createSetupLink(services)).url };
  const signIn = inboxPort === null ? null : await readDemoSignIn(dataFolder);
  if (signIn !== null && inboxPort !== null && earlierInboxPort !== null) {
    await moveDemoInbox(services, earlierInboxPort, inboxPort);
  }
  return { signIn, setupLink: null };
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
