import { startBulkRun } from '#lib/backlog/start-bulk-run.ts';
import type { Context } from '#lib/context.ts';
import { saveDelivery } from '#lib/delivery/save-delivery.ts';
import { saveLimit } from '#lib/limits/save-limit.ts';
import { acceptMessage } from '#lib/messages/accept-message.ts';
import { listMessages } from '#lib/messages/list-messages.ts';
import { startMessageRun } from '#lib/messages/start-message-run.ts';
import { setNoticeSender } from '#lib/notices/set-notice-sender.ts';
import { attachProject } from '#lib/pools/attach-project.ts';
import { createPool } from '#lib/pools/create-pool.ts';
import { defaultRetrySchedule } from '#lib/settings/schemas.ts';
import { doubtfulMail, laterMail, newsletters, surveys } from './demo-mails.ts';

/** Mails of a day that the customer portal may send: its newsletter has more readers. */
const portalLimit = 12;
const suspendedSurveys = 2;

/**
 * What a newcomer finds beside mail that was sent: a limit that a newsletter spends, mail held and suspended by hand,
 * mail in doubt, mail for later, a pool. Each is made by the verb that a person would use, and stands in the history.
 */
export async function fillDemo(ctx: Context): Promise<void> {
  await setNoticeSender(ctx, { project: 'service-desk' });
  await shareRelay(ctx);
  await limitNewsletter(ctx);
  await holdSurveys(ctx);
  await doubtOneMail(ctx);
  await acceptMessage(ctx, 'billing', laterMail(ctx.clock.now()), { source: 'api' });
}

/** Generous: the demo's mail is paced by it, and nobody waits. */
async function shareRelay(ctx: Context): Promise<void> {
  const { id } = await createPool(ctx, {
    name: 'Mail relay',
    kind: 'sign_in',
    preset: 'other',
    mailsPerMinute: 600,
    mailsPerHour: null,
    recipientsPerDay: 10_000,
    bytesPerFiveMinutes: null,
    connections: 8,
    reservePercent: 10,
    reserveRecipients: 0,
  });
  for (const project of ['customer-portal', 'billing']) await attachProject(ctx, { pool: id, project });
}

async function limitNewsletter(ctx: Context): Promise<void> {
  await saveLimit(ctx, {
    scope: 'project:customer-portal',
    mailsPerDay: portalLimit,
    expected: { mailsPerDay: null, recipientsPerMail: null, highReserve: 0 },
  });
  for (const mail of newsletters) await acceptMessage(ctx, 'customer-portal', mail, { source: 'api' });
}

/** No worker runs yet: they wait in the queue until they are held. */
async function holdSurveys(ctx: Context): Promise<void> {
  const project = 'service-desk';
  for (const mail of surveys) await acceptMessage(ctx, project, mail, { source: 'api' });
  const filter = { category: 'surveys' };
  await startMessageRun(ctx, { project, kind: 'hold', selection: { filter } });
  const { messages } = await listMessages(ctx, { project, ...filter, limit: suspendedSurveys });
  await startBulkRun(ctx, { project, kind: 'suspend', selection: { ids: messages.map(({ id }) => id) } });
}

/** Its address is answered by no server, so that it stays in doubt; the project holds such mail for a person. */
async function doubtOneMail(ctx: Context): Promise<void> {
  const project = 'service-desk';
  await saveDelivery(ctx, {
    project,
    rules: { retry: defaultRetrySchedule, uncertain: 'hold' },
    expectedVersion: 1,
  });
  await acceptMessage(ctx, project, doubtfulMail, { source: 'api' });
}
