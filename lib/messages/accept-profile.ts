import { and, eq } from 'drizzle-orm';
import { type Database, withTenant } from '#db/client.ts';
import { apiKeys, mailSettingsVersions } from '#db/schema/projects.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { loadRecipientsRule } from '../limits/load-recipients-rule.ts';
import { mailSettingsDocument, sendingMode } from '../settings/schemas.ts';
import type { SenderRules } from './allowed-senders.ts';
import type { EnvelopeRules } from './plan-envelopes.ts';

/** What accepting needs to know of a project before it composes. */
export interface AcceptProfile {
  readonly projectId: string;
  readonly slug: string;
  readonly laneId: string;
  /** Which settings the sender rules came from; the insert refuses when others are in force by then. */
  readonly settingsVersion: number | null;
  readonly senders: SenderRules;
  readonly envelopeRules: EnvelopeRules;
}

const keptMs = 5_000;
const kept = new WeakMap<
  Database,
  Map<string, { readonly until: number; readonly profile: AcceptProfile }>
>();

/**
 * The project's profile, kept for five seconds. That never lets a stale one decide: the statement that stores the mail
 * checks version, archive, key and limits again. Permission is checked on every call.
 */
export async function acceptProfile(
  ctx: Context,
  projectRef: string,
): Promise<{ readonly profile: AcceptProfile; readonly isKept: boolean }> {
  const profiles = profilesOf(ctx.database);
  const name = profileName(ctx, projectRef);
  const found = profiles.get(name);
  if (found !== undefined && found.until > ctx.clock.monotonicMs()) {
    requirePermission(ctx, 'messages.send', found.profile.projectId);
    return { profile: found.profile, isKept: true };
  }
  const profile = await loadProfile(ctx, projectRef);
  if (profiles.size > 10_000) profiles.clear();
  profiles.set(name, { until: ctx.clock.monotonicMs() + keptMs, profile });
  return { profile, isKept: false };
}

export function forgetAcceptProfile(ctx: Context, projectRef: string): void {
  profilesOf(ctx.database).delete(profileName(ctx, projectRef));
}

function profilesOf(database: Database) {
  const profiles = kept.get(database) ?? new Map<string, { until: number; profile: AcceptProfile }>();
  kept.set(database, profiles);
  return profiles;
}

// Members of some projects only must not find what another member loaded, so the actor is part of the name.
function profileName(ctx: Context, projectRef: string): string {
  const { actor } = ctx;
  const who = actor.kind === 'key' ? actor.keyId : actor.kind === 'user' ? actor.userId : actor.kind;
  return `${ctx.organizationId} ${who} ${projectRef}`;
}

function loadProfile(ctx: Context, projectRef: string): Promise<AcceptProfile> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, projectRef);
    requirePermission(ctx, 'messages.send', project.id);
    const [version] =
      project.settingsVersion === null
        ? []
        : await tx.orm
            .select({ document: mailSettingsVersions.document })
            .from(mailSettingsVersions)
            .where(
              and(
                eq(mailSettingsVersions.projectId, project.id),
                eq(mailSettingsVersions.version, project.settingsVersion),
              ),
            );
    const settings = mailSettingsDocument.nullable().parse(version?.document ?? null);
    const [key] =
      ctx.actor.kind === 'key'
        ? await tx.orm
            .select({ allowedSenders: apiKeys.allowedSenders, sendingMode: apiKeys.sendingMode })
            .from(apiKeys)
            .where(eq(apiKeys.id, ctx.actor.keyId))
        : [];
    return {
      projectId: project.id,
      slug: project.slug,
      laneId: project.laneId,
      settingsVersion: project.settingsVersion,
      senders: {
        configured: settings?.sender.address ?? null,
        allowed: settings?.sending.allowedSenders ?? [],
        others: settings?.sending.otherSenders ?? 'refuse',
        keyAllowed: key?.allowedSenders ?? null,
      },
      envelopeRules: {
        // Mailroom's own notices are never held (PRODUCT 5.3).
        recipients:
          ctx.actor.kind === 'system'
            ? { recipientsPerMail: null, policy: 'hold' }
            : await loadRecipientsRule(tx, project.id),
        projectMode: settings?.sending.mode ?? { kind: 'live' },
        keyMode: sendingMode.nullable().parse(key?.sendingMode ?? null),
      },
    };
  });
}
