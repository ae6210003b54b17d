import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { actorLabel, type Context, tenantScope } from '../context.ts';
import { runTestMail, type TestMailResult } from '../doctor/run-test-mail.ts';
import { runTransportTest } from '../doctor/run-transport-test.ts';
import { createGraphSlots, type GraphSlots } from '../graph-slots/graph-slots.ts';
import { newId } from '../ids.ts';
import { countTestMail } from '../limits/count-test-mail.ts';
import { DomainError } from '../errors.ts';
import { normalAddress } from '../messages/mailbox.ts';
import { createDraftTokenSource } from '../oauth/draft-tokens.ts';
import { createTokenSource } from '../oauth/token-vault.ts';
import type { Endpoint } from '../policy/failover.ts';
import { parseInput } from '../parse-input.ts';
import type { TransportOptions } from '../transports/build-transport.ts';
import type { ProbeStep, Stage } from '../transports/contract.ts';
import { serverNames } from './connection-facts.ts';
import { composeTestMail } from './compose-test-mail.ts';
import { openDraftSettings, openSavedSettings, type SettingsUnderTest } from './open-draft-settings.ts';
import { emailAddress, type MailSettingsFields } from './schemas.ts';
import { checkTestAllowance } from './test-allowance.ts';
import { transportOptions } from './transport-options.ts';
import { graphTurns } from './transport-supplies.ts';

const recipientInput = z.strictObject({ to: emailAddress.nullable() });

export interface TestMailSettings {
  readonly project: string;
  /** Unsaved values; null tests what is saved. */
  readonly input: MailSettingsFields | null;
  /** Null: to the mailbox itself. */
  readonly to: string | null;
  /** Which of the two servers; left out, the primary. */
  readonly endpoint?: Endpoint | undefined;
}

/** What a caller may follow while the test runs. */
export interface TestObserver {
  begun(test: { at: Date; to: string; server: string; messageId: string }): void;
  step(step: ProbeStep): void;
}

export interface TestedMailSettings {
  readonly result: TestMailResult;
  /** How many of the project's last tests, this one with them, failed at the step where this one failed. */
  readonly again: { readonly failed: number; readonly of: number };
}

interface PreparedTest extends SettingsUnderTest {
  readonly to: string;
  readonly isDraft: boolean;
  readonly endpoint: Endpoint;
}

/**
 * Sends a test mail by the saved settings or by unsaved values (PRODUCT 3). It counts in the limits, but is never held
 * and never queued. Throws as
 * saving does (`invalid_input`, `secret_required`), `not_set_up` without saved settings, and `too_many`; what the server
 * says is a result. Begin and end are audited, so an abort leaves its trace.
 */
export async function testMailSettings(
  ctx: Context,
  given: TestMailSettings,
  observer: TestObserver,
  signal: AbortSignal,
): Promise<TestedMailSettings> {
  const test = await prepareTest(ctx, given);
  const slots = createGraphSlots(ctx.database);
  const options = testOptions(ctx, test, slots);
  const servers = serverNames(test.opened.document);
  const server = (test.endpoint === 'alternate' ? servers.alternate : null) ?? servers.primary;
  const at = ctx.clock.now();
  const mail = composeTestMail({
    id: newId(),
    to: test.to,
    sender: test.opened.document.sender,
    projectName: test.projectName,
    askedBy: actorLabel(ctx.actor),
    server,
    date: at,
    portalUrl: ctx.settings.portalUrl,
  });
  observer.begun({ at, to: test.to, server, messageId: mail.messageId });
  const onStep = (step: ProbeStep): void => observer.step(step);
  const isSmtp = options.protocol === 'smtp' || options.protocol === 'smtps';
  const result = isSmtp
    ? await runTestMail(options, mail, onStep, signal)
    : await runTransportTest(options, mail, onStep, signal);
  await slots.settled();
  const again = await withTenant(ctx.database, tenantScope(ctx), (tx) =>
    recordResult(tx, ctx, test, server, result),
  );
  return { result, again };
}

// Unsaved values prove what was typed, and leave no mark on the connection that is saved.
function testOptions(
  ctx: Context,
  { projectId, opened, isDraft, endpoint }: PreparedTest,
  graphSlots: GraphSlots,
): TransportOptions {
  const owner = { organizationId: ctx.organizationId, projectId };
  const tokens = isDraft ? createDraftTokenSource(ctx, owner, opened) : createTokenSource(ctx, owner, opened);
  const slots = graphTurns(ctx, graphSlots, opened.document);
  return transportOptions(opened, ctx.settings, endpoint, { tokens, slots });
}

async function prepareTest(
  ctx: Context,
  { project, input: draft, to: typed, endpoint = 'primary' }: TestMailSettings,
): Promise<PreparedTest> {
  const to = parseInput(recipientInput, { to: typed }).to;
  const opened =
    draft === null
      ? await openSavedSettings(ctx, { project })
      : await openDraftSettings(ctx, { project, input: draft });
  const address = to ?? opened.opened.document.sender.address;
  const test = { ...opened, to: normalAddress(address) ?? address, isDraft: draft !== null, endpoint };
  if (endpoint === 'alternate' && serverNames(test.opened.document).alternate === null) {
    throw new DomainError('not_set_up', 'These settings have no alternate server.');
  }
  await withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    await checkTestAllowance(tx, ctx);
    await auditTest(tx, ctx, test, 'mail_settings.test_begun', {});
    await countTestMail(tx, { projectId: test.projectId, protocol: test.opened.document.connection.kind });
  });
  return test;
}

async function recordResult(
  tx: Transaction,
  ctx: Context,
  test: PreparedTest,
  server: string,
  result: TestMailResult,
): Promise<TestedMailSettings['again']> {
  const fault = result.ok ? null : result.fault;
  await auditTest(tx, ctx, test, 'mail_settings.tested', {
    server,
    code: fault?.code ?? 'OK',
    stage: fault?.stage ?? null,
    reply: (result.ok ? result.reply : result.fault.reply)?.text ?? null,
  });
  return fault === null ? { failed: 0, of: 0 } : countFailures(tx, ctx, test.projectId, fault.stage);
}

function auditTest(
  tx: Transaction,
  ctx: Context,
  { projectId, projectName, to, isDraft, opened }: PreparedTest,
  action: 'mail_settings.test_begun' | 'mail_settings.tested',
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  return recordAudit(tx, ctx, {
    action,
    projectId,
    object: { kind: 'mail_settings', id: projectId, label: projectName },
    detail: { to, version: isDraft ? null : opened.version, ...detail },
  });
}

const looksBack = 3;

async function countFailures(
  tx: Transaction,
  ctx: Context,
  projectId: string,
  stage: Stage,
): Promise<TestedMailSettings['again']> {
  const { rows } = await tx.query<{ failed: number; of: number }>(
    `select count(*) filter (where stage = $3)::int as failed, count(*)::int as of
     from (select detail->>'stage' as stage from mailroom.audit_entries
       where organization_id = $1 and project_id = $2 and action = 'mail_settings.tested'
       order by id desc limit ${looksBack}) latest`,
    [ctx.organizationId, projectId, stage],
  );
  return rows[0] ?? { failed: 1, of: 1 };
}
