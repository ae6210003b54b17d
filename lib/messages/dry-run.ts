import { and, eq } from 'drizzle-orm';
import { withTenant } from '#db/client.ts';
import { apiKeys, lanes, mailSettingsVersions, projects } from '#db/schema/projects.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { strictestMode } from '../policy/sending-mode.ts';
import { connectionFacts } from '../settings/connection-facts.ts';
import { mailSettingsDocument, type MailSettingsDocument, sendingMode } from '../settings/schemas.ts';
import type { AcceptProfile } from './accept-profile.ts';
import { finishHeaders } from './finish-headers.ts';
import type { PreparedMail } from './prepare-mail.ts';
import { type WaitingReason, waitingLabels } from './labels.ts';
import { waitingReason } from './waiting-reason.ts';

/** What would happen to a message if it were accepted now. */
export interface DryRun {
  readonly envelope: { readonly from: string | null; readonly to: readonly string[] };
  /** The message as it would go on the wire, its headers filled from the settings in force. */
  readonly mime: string;
  readonly sizeBytes: number;
  readonly route: {
    readonly transport: string;
    readonly host: string;
    readonly port: number;
    readonly settingsVersion: number;
  } | null;
  readonly mode: MailSettingsDocument['sending']['mode']['kind'] | null;
  readonly waiting: { readonly reason: WaitingReason; readonly explanation: string } | null;
}

/** Looks at settings and lane as they are now; stores nothing. */
export async function dryRun(ctx: Context, profile: AcceptProfile, mail: PreparedMail): Promise<DryRun> {
  const facts = await withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const [row] = await tx.orm
      .select({ project: projects, lane: lanes, document: mailSettingsVersions.document })
      .from(projects)
      .innerJoin(lanes, eq(lanes.id, projects.laneId))
      .leftJoin(
        mailSettingsVersions,
        and(
          eq(mailSettingsVersions.projectId, projects.id),
          eq(mailSettingsVersions.version, projects.settingsVersion),
        ),
      )
      .where(eq(projects.id, profile.projectId));
    const [key] =
      ctx.actor.kind === 'key'
        ? await tx.orm
            .select({ mode: apiKeys.sendingMode })
            .from(apiKeys)
            .where(eq(apiKeys.id, ctx.actor.keyId))
        : [];
    return row === undefined
      ? undefined
      : { ...row, keyMode: sendingMode.nullable().parse(key?.mode ?? null) };
  });
  if (facts === undefined) throw new DomainError('not_found', 'There is no such project.');
  if (facts.project.archivedAt !== null) {
    throw new DomainError('archived', 'The project is archived and takes no mail.');
  }
  const settings = mailSettingsDocument.nullable().parse(facts.document);
  const headers =
    settings === null
      ? `${mail.headers}\r\n`
      : finishHeaders({ headers: mail.headers, filledHeaders: mail.filledHeaders, sender: settings.sender });
  const reason = waitingReason({ ...facts, sendAt: mail.sendAt, now: ctx.clock.now() });
  return {
    envelope: {
      from: mail.envelopeFrom ?? mail.fromAddress ?? settings?.sender.address ?? null,
      to: mail.recipients.map(({ address }) => address),
    },
    mime: headers + mail.body,
    sizeBytes: Buffer.byteLength(headers) + mail.body.length,
    route: routeOf(settings, facts.project.settingsVersion, facts.lane.activeEndpoint),
    mode: settings === null ? null : strictestMode(settings.sending.mode, facts.keyMode).kind,
    waiting: reason === null ? null : { reason, explanation: waitingLabels[reason] },
  };
}

function routeOf(
  settings: MailSettingsDocument | null,
  settingsVersion: number | null,
  endpoint: 'primary' | 'alternate',
): DryRun['route'] {
  if (settings === null || settingsVersion === null) return null;
  const { transport, port, alternateHost, ...primary } = connectionFacts(settings);
  const host = endpoint === 'alternate' ? (alternateHost ?? primary.host) : primary.host;
  return { transport, host, port, settingsVersion };
}
