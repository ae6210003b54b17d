import { and, eq } from 'drizzle-orm';
import { type Transaction, withTenant } from '#db/client.ts';
import { apiKeys, lanes, mailSettingsVersions, projects } from '#db/schema/projects.ts';
import type { ProjectRow } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { type ProjectLimits } from '../limits/limits-view.ts';
import { loadProjectLimits } from '../limits/read-project-limits.ts';
import { type HoldReason, holdReasonFacts } from '../policy/hold-reasons.ts';
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
  /** The limits that it meets; none where nothing of it would leave. */
  readonly limits: ProjectLimits['limits'];
  readonly held: { readonly reason: HoldReason; readonly explanation: string } | null;
  /** Recipients of each mail; more than one where a recipients limit splits it. */
  readonly envelopes: readonly (readonly string[])[];
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
    if (row === undefined) return undefined;
    const keyMode = sendingMode.nullable().parse(key?.mode ?? null);
    return { ...row, keyMode, ...(await meetLimits(tx, row.project, mail)) };
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
  const { limits, held } = facts;
  const reason =
    held === null ? waitingReason({ ...facts, sendAt: mail.sendAt, now: ctx.clock.now() }) : null;
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
    limits,
    held: held === null ? null : { reason: held, explanation: holdReasonFacts[held].meaning },
    envelopes: mail.plan.envelopes.map(({ recipients }) => recipients.map(({ address }) => address)),
  };
}

// Asks what accept would ask, so that the answers agree (mailroom.accept_messages).
async function meetLimits(
  tx: Transaction,
  project: ProjectRow,
  { plan, priority, sendAt }: PreparedMail,
): Promise<Pick<DryRun, 'limits'> & { held: HoldReason | null }> {
  if (plan.isExempt) return { limits: [], held: null };
  const { limits } = await loadProjectLimits(tx, project);
  if (plan.isHeld) return { limits, held: 'recipients_limit' };
  const { rows } = await tx.query<{ is_spent: boolean }>(
    `select coalesce((case when $2 = 0 then r.high_left else r.normal_left end) <= 0, false)
       and coalesce($3::timestamptz <= mailroom.now(), true) as is_spent
     from mailroom.limit_room_of($1) r`,
    [project.id, priority, sendAt],
  );
  return { limits, held: rows[0]?.is_spent === true ? 'day_limit' : null };
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
