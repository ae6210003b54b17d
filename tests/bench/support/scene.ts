import { randomBytes } from 'node:crypto';
import type { Context } from '#lib/context.ts';
import { readServiceEnvironment } from '#lib/env.ts';
import { saveFloodSettings } from '#lib/flood/save-flood-settings.ts';
import { createKey } from '#lib/keys/create-key.ts';
import { acceptBatch } from '#lib/messages/accept-batch.ts';
import { createOrganization } from '#lib/organizations/create-organization.ts';
import { createProject } from '#lib/organizations/create-project.ts';
import { openOperatorContext } from '#lib/organizations/open-operator-context.ts';
import { floodDefaults } from '#lib/policy/flood.ts';
import { openServices } from '#lib/services.ts';
import { saveMailSettings } from '#lib/settings/save-mail-settings.ts';
import { defaultRetrySchedule } from '#lib/settings/schemas.ts';
import { type BenchDatabase, startBenchDatabase } from './database.ts';
import { textOf } from './mail.ts';

/** A project whose mail server is the sink, in a database of its own. */
export interface Scene {
  readonly server: BenchDatabase;
  /** The environment for worker and portal processes. */
  readonly environment: Readonly<Record<string, string>>;
  readonly ctx: Context;
  readonly project: { readonly id: string; readonly slug: string };
  readonly token: string;
  stop(): Promise<void>;
}

export interface SceneOptions {
  readonly sinkPort: number;
  readonly connections: number;
  /** A second sink, for when the first cannot be reached. */
  readonly alternatePort?: number;
  readonly postgresSettings?: Readonly<Record<string, string | number>>;
}

export async function openScene(options: SceneOptions): Promise<Scene> {
  const server = await startBenchDatabase(options.postgresSettings ?? {});
  const environment = {
    DATABASE_URL: server.address,
    MAILROOM_KEYS: `bench:${randomBytes(32).toString('base64')}`,
    NEXTAUTH_SECRET: randomBytes(32).toString('hex'),
    MAILROOM_PORTAL_URL: 'http://127.0.0.1:3000',
    MAILROOM_ALLOWED_ADDRESSES: '127.0.0.1',
    MAILROOM_DEMO: 'off',
    LOG_LEVEL: 'warn',
  };
  const services = openServices(readServiceEnvironment(environment), { name: 'bench' });
  await createOrganization(services, 'bench', { name: 'Bench' });
  const ctx = await openOperatorContext(services, { organization: 'bench', label: 'bench' });
  const project = await createProject(ctx, { name: 'Drain' });
  await useSink(ctx, project.slug, options);
  const { token } = await createKey(ctx, { project: project.slug, name: 'bench', scopes: ['send', 'read'] });
  return {
    server,
    environment,
    ctx,
    project,
    token,
    stop: async () => {
      await ctx.database.close();
      await server.stop();
    },
  };
}

/** Lets a project that has no settings yet send to the sink. */
export async function useSink(
  ctx: Context,
  project: string,
  { sinkPort, connections, alternatePort }: Pick<SceneOptions, 'sinkPort' | 'connections' | 'alternatePort'>,
): Promise<void> {
  await saveMailSettings(ctx, {
    project,
    expectedVersion: null,
    input: {
      sender: { name: 'Bench', address: 'bench@example.com', replyTo: null },
      connection: {
        kind: 'smtp',
        protocol: 'smtp',
        host: '127.0.0.1',
        port: sinkPort,
        alternateHost: alternatePort === undefined ? null : '127.0.0.1',
        ...(alternatePort !== undefined && { alternate: { port: alternatePort } }),
        tlsPolicy: 'none',
        checkCertificate: true,
        customCa: null,
        maxConnections: connections,
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
    },
  });
  // The flood breaker counts as it always does, and lets pass what is the same mail again and again here.
  await saveFloodSettings(ctx, {
    project,
    thresholds: { ...floodDefaults, repeatsPerHour: 1_000_000 },
  });
}

/** Accepts this many mails of this many bytes each, through the same verb as the API. */
export async function acceptMails({ ctx, project }: Scene, count: number, bytes: number): Promise<void> {
  const perBatch = Math.max(1, Math.min(250, Math.floor(8_000_000 / bytes)));
  for (let done = 0; done < count; done += perBatch) {
    const size = Math.min(perBatch, count - done);
    const results = await acceptBatch(
      ctx,
      project.slug,
      Array.from({ length: size }, (_, index) => benchMail(done + index, bytes)),
    );
    const refused = results.find((result) => result.kind === 'refused');
    if (refused !== undefined) throw refused.error;
  }
}

/** One mail of the bench as a caller hands it in. */
export function benchMail(index: number, bytes: number): Readonly<Record<string, unknown>> {
  // The composed head takes about so much of the size.
  const headBytes = 420;
  return {
    to: `reader${index}@example.net`,
    subject: `Bench mail ${index}`,
    text: textOf(bytes - headBytes),
    category: 'bench',
  };
}

/** Until every mail has its outcome. */
export async function untilSettled({ server }: Scene): Promise<void> {
  for (;;) {
    const { rows } = await server.database.pool.query<{ open: boolean }>(
      'select exists (select from mailroom.queue_entries) as open',
    );
    if (rows[0]?.open === false) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
