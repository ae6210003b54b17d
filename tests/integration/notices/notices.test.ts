import { afterEach, expect, test } from 'vitest';
import { asOwner, withTenant } from '#db/client.ts';
import { acceptMessage } from '#lib/messages/accept-message.ts';
import type { Announcement } from '#lib/notices/announcement.ts';
import { announce } from '#lib/notices/announce.ts';
import { mailAnnouncements } from '#lib/notices/mail-announcements.ts';
import { sendNotice } from '#lib/notices/send-notice.ts';
import { setNoticeSender } from '#lib/notices/set-notice-sender.ts';
import { runWorker } from '#lib/queue/run-worker.ts';
import { startFastSink } from '#tests/servers/smtp/fast-sink.ts';
import { startRealServer } from '#tests/servers/smtp/real-server.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { contextOf, makeMember, makeProject, testServices, userActor } from '#tests/support/factories.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import { makePool } from '../pools/pool-scene.ts';
import { limitProject, limitProtocol, usageOf } from '../queue/limit-scene.ts';
import { countStates, makeScene, queueMails, type Scene, waitForStates } from '../queue/queue-scene.ts';

const db = await createTestDatabase({ maxConnections: 20 });
const { database } = db;
const services = testServices(database);
const endings: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function work(): Promise<void> {
  const worker = await runWorker(services);
  endings.push(() => worker.stop());
}

const stopped: Announcement = {
  kind: 'connection_stopped',
  facts: { code: 'AUTH_REFUSED', reply: 'Wrong\r\nBcc: thief@example.test' },
};

function tell({ organization, project }: Scene, told: Announcement = stopped): Promise<boolean> {
  const scope = { organizationId: organization.id, userId: null };
  return withTenant(database, scope, (tx) =>
    announce(tx, { ...told, organizationId: organization.id, projectId: project.id }),
  );
}

interface MailedRow {
  readonly subject: string;
  readonly category: string;
  readonly source: string;
  readonly priority: number;
  readonly to: string[];
  readonly headers: string;
  readonly text: string;
}

async function mailedBy({ project }: Scene): Promise<MailedRow[]> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<MailedRow>(
      `select m.subject, m.category, m.source, m.priority, c.headers, convert_from(c.bytes, 'UTF8') as text,
         array(select r.address from mailroom.recipients r where r.message_id = m.id order by r.position) as to
       from mailroom.messages m join mailroom.contents c on c.message_id = m.id and c.part = 0
       where m.project_id = $1 order by m.id`,
      [project.id],
    ),
  );
  return rows;
}

async function outcomesOf({ project }: Scene): Promise<(string | null)[]> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ outcome: string | null }>(
      'select outcome from mailroom.notices where project_id = $1 order by id',
      [project.id],
    ),
  );
  return rows.map(({ outcome }) => outcome);
}

test('what was announced is mailed once to those who can act, through the chosen project (PRODUCT 2.19, 8)', async () => {
  const sender = await makeScene(database, { port: 25 });
  const { organization } = sender;
  const about = await makeScene(database, { port: 25 }, organization);
  const owner = await makeMember(database, organization, 'owner');
  const administrator = await makeMember(database, organization, 'administrator', {
    projectIds: [about.project.id],
  });
  await makeMember(database, organization, 'administrator', { projectIds: [sender.project.id] });
  await makeMember(database, organization, 'operator');
  const disabled = await makeMember(database, organization, 'owner');
  await asOwner(database, (tx) =>
    tx.query('update mailroom.users set disabled_at = mailroom.now() where id = $1', [disabled.id]),
  );
  await setNoticeSender(contextOf(services, organization), { project: sender.project.slug });
  expect(await tell(about)).toBe(true);
  await mailAnnouncements(services);
  await mailAnnouncements(services);

  const [mail, ...others] = await mailedBy(sender);
  expect(others).toEqual([]);
  expect(mail).toMatchObject({
    subject: `${about.project.slug}: sending has stopped`,
    category: 'mailroom.availability',
    source: 'notice',
    priority: 0,
    to: [owner.email, administrator.email],
  });
  expect(mail?.headers).toContain('Auto-Submitted: auto-generated');
  expect(mail?.headers).not.toContain('thief');
  expect(mail?.text).toContain('> Wrong Bcc: thief@example.test');
  expect(mail?.text).toContain(`/${organization.slug}/${about.project.slug}/mail-settings`);
  expect(await outcomesOf(about)).toEqual(['mailed']);
});

test('it waits for a sender to be chosen, is told once within the hour, and ends', async () => {
  const scene = await makeScene(database, { port: 25 });
  await makeMember(database, scene.organization, 'owner');
  expect(await tell(scene)).toBe(true);
  expect(await tell(scene)).toBe(false);
  await mailAnnouncements(services);
  expect(await outcomesOf(scene)).toEqual([null]);

  await setNoticeSender(contextOf(services, scene.organization), { project: scene.project.slug });
  await mailAnnouncements(services);
  expect(await outcomesOf(scene)).toEqual(['mailed']);

  await setNoticeSender(contextOf(services, scene.organization), { project: null });
  await asOwner(database, (tx) =>
    tx.query(
      `update mailroom.notices set announced_at = announced_at - interval '2 hours' where project_id = $1`,
      [scene.project.id],
    ),
  );
  expect(await tell(scene)).toBe(true);
  await asOwner(database, (tx) =>
    tx.query(
      `update mailroom.notices set expires_at = mailroom.now() where project_id = $1 and settled_at is null`,
      [scene.project.id],
    ),
  );
  await mailAnnouncements(services);
  expect(await outcomesOf(scene)).toEqual(['mailed', 'untold']);
  expect(await mailedBy(scene)).toHaveLength(1);
});

test('a notice passes limits of the day and of recipients, counts, and goes before other mail (PRODUCT 5.3)', async () => {
  const server = await startRealServer({ disabledCommands: ['STARTTLS', 'AUTH'] });
  endings.push(() => server.close());
  const scene = await makeScene(database, { port: server.port, maxConnections: 1 });
  await setNoticeSender(contextOf(services, scene.organization), { project: scene.project.slug });
  await limitProtocol(database, scene, { mailsPerDay: 2, recipientsPerMail: 1 });
  await limitProject(database, scene, { mailsPerDay: 1 });
  await queueMails(database, scene, 3);
  await notify(scene, 'spent before it was accepted');
  await work();
  await waitForStates(database, scene, { sent: 1, backlog: 3 });
  expect(server.mails.map(({ to }) => to.length)).toEqual([2]);
  await notify(scene, 'spent already');
  await waitForStates(database, scene, { sent: 2, backlog: 3 });
  expect(await usageOf(database, scene)).toMatchObject({ mails: 2, high: 2, largest: 2 });
});

test("a provider's quota does not hold a notice, which counts in it", async () => {
  const sink = await startFastSink();
  endings.push(() => sink.close());
  const scene = await makeScene(database, { port: sink.port });
  await setNoticeSender(contextOf(services, scene.organization), { project: scene.project.slug });
  const poolId = await makePool(database, [scene], { recipientsPerDay: 2 });
  await queueMails(database, scene, 4);
  await work();
  await waitForStates(database, scene, { sent: 2, backlog: 2 });
  await notify(scene, 'beyond the quota');
  await waitForStates(database, scene, { sent: 3, backlog: 2 });
  // Two by the mails before, two by the notice; a permit that ran out unused is given back a little later.
  await waitUntil('the quota counts four recipients', async () => {
    const { rows } = await asOwner(database, (tx) =>
      tx.query<{ recipients: number }>(
        'select sum(recipients)::int as recipients from mailroom.pool_usage where pool_id = $1',
        [poolId],
      ),
    );
    return rows[0]?.recipients === 4;
  });
});

async function notify({ organization }: Scene, key: string): Promise<void> {
  const sent = await sendNotice(services, {
    organizationId: organization.id,
    category: 'mailroom.security',
    to: ['owner@example.test', 'administrator@example.test'],
    subject: 'A notice',
    text: 'It is one.',
    expiresAt: new Date(services.clock.now().getTime() + 600_000),
    key: `${organization.id} ${key}`,
  });
  expect(sent.kind).toBe('mailed');
}

test('nobody but Mailroom itself uses its categories', async () => {
  const scene = await makeScene(database, { port: 25 });
  const member = await makeMember(database, scene.organization, 'owner');
  const ctx = contextOf(services, scene.organization, userActor(member, 'owner'));
  for (const category of ['mailroom.security', 'Mailroom.Anything']) {
    const input = { to: ['x@example.test'], text: 'x', category };
    await expect(acceptMessage(ctx, scene.project.slug, input)).rejects.toMatchObject({
      issues: [{ field: 'category' }],
    });
  }
  expect(await countStates(database, scene)).toEqual({});
});

test('the sender is chosen by owners and administrators, is set up and not archived, and stands in the history', async () => {
  const scene = await makeScene(database, { port: 25 });
  const { organization, project } = scene;
  const operator = await makeMember(database, organization, 'operator');
  const asOperator = contextOf(services, organization, userActor(operator, 'operator'));
  await expect(setNoticeSender(asOperator, { project: project.slug })).rejects.toMatchObject({
    code: 'forbidden',
  });

  const ctx = contextOf(services, organization);
  const bare = await makeProject(database, organization);
  await expect(setNoticeSender(ctx, { project: bare.slug })).rejects.toMatchObject({ code: 'invalid_input' });
  const stranger = await makeScene(database, { port: 25 });
  await expect(setNoticeSender(ctx, { project: stranger.project.id })).rejects.toMatchObject({
    code: 'not_found',
  });

  await setNoticeSender(ctx, { project: project.slug });
  await setNoticeSender(ctx, { project: project.slug });
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ action: string; detail: object }>(
      'select action, detail from mailroom.audit_entries where organization_id = $1',
      [organization.id],
    ),
  );
  expect(rows).toEqual([{ action: 'notices.sender_changed', detail: { before: null, after: project.id } }]);

  await asOwner(database, (tx) =>
    tx.query('update mailroom.projects set archived_at = mailroom.now() where id = $1', [project.id]),
  );
  await expect(setNoticeSender(ctx, { project: project.slug })).rejects.toMatchObject({ code: 'archived' });
  expect(
    await sendNotice(services, {
      organizationId: organization.id,
      category: 'mailroom.security',
      to: ['x@example.test'],
      subject: 'x',
      text: 'x',
      expiresAt: new Date(services.clock.now().getTime() + 60_000),
      key: 'archived',
    }),
  ).toEqual({ kind: 'no_sender' });
});
