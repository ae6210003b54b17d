import assert from 'node:assert/strict';
import { withTenant, withoutTenant, asOwner } from '#db/client.ts';
import { createOrganization } from '#lib/organizations/create-organization.ts';
import { paths } from '#lib/paths.ts';
import { contextOf } from '#tests/support/factories.ts';
import type { Fault } from '../fault.ts';
import { Caller } from '../support/caller.ts';
import { Desk } from '../support/desk.ts';
import { startPortal } from '../support/portal.ts';
import { smtpInput } from '../support/settings.ts';

/** Facts, fault 33. */
export const otherTenant: Fault = {
  name: 'other-tenant',
  title:
    'a key of one organization asks for mail, backlog and limits of another, and rows are read without a tenant',
  needs: 'workers',
  startsPortal: true,
  withinMs: 300_000,
  run: async (ground) => {
    const sink = await ground.startFastSink();
    const own = await ground.openDesk(sink);
    const stranger = contextOf(
      ground.ctx,
      await createOrganization(ground.ctx, 'faults', { name: 'Stranger', slug: 'stranger' }),
    );
    const foreign = await Desk.open(stranger, sink.mailbox, smtpInput({ port: sink.port }));
    ground.desks.push(foreign);
    const portal = await startPortal(ground.databaseUrl, ground.endings);
    await ground.startWorker();
    const [id = ''] = await foreign.accept(5);
    const caller = await Caller.open(ground, own, portal.port);
    await caller.send('own');
    const { slug } = foreign.project;
    const asked = [
      paths.api.messages(slug),
      paths.api.message(slug, id),
      paths.api.message(own.project.slug, id),
      paths.api.backlog(slug),
      paths.api.messages(foreign.project.id),
    ];
    for (const path of asked) assert.ok([403, 404].includes(await caller.get(path)), `${path} was answered`);
    for (const path of [
      paths.api.cancelMessage(slug, id),
      paths.api.resumeBacklog(slug),
      paths.api.suspendBacklog(slug),
      paths.api.messages(slug),
    ]) {
      const status = await caller.post(path);
      assert.ok(status >= 400 && status < 500, `${path} was answered ${status}`);
    }
    assert.equal((await foreign.kept()).length, 5, 'a mail was put into the project of another');
    const count = `select (select count(*) from mailroom.messages)::int + (select count(*) from mailroom.projects)::int as count`;
    const bare = await withoutTenant(ground.ctx.database, (tx) => tx.query<{ count: number }>(count));
    assert.equal(bare.rows[0]?.count, 0);
    const theirs = await withTenant(
      ground.ctx.database,
      { organizationId: stranger.organizationId, userId: null },
      (tx) => tx.query<{ count: number }>('select count(*)::int as count from mailroom.projects'),
    );
    assert.equal(theirs.rows[0]?.count, 1);
    await Promise.all([own.settled(), foreign.settled()]);
  },
};

/** Facts, fault 34, as far as the database itself refuses; PRODUCT 5.7, 7.2. */
export const tamperedHistory: Fault = {
  name: 'tampered-history',
  title:
    'portal and worker roles try to change and delete history and suspended mail: the database refuses each',
  needs: 'workers',
  run: async (ground) => {
    const sink = await ground.startFastSink();
    const desk = await ground.openDesk(sink);
    await ground.startWorker();
    await desk.accept(50);
    const before = await countHistory(ground.ctx);
    const tries = [
      `update mailroom.audit_entries set action = 'nothing'`,
      'delete from mailroom.audit_entries',
      'truncate mailroom.audit_entries',
      'delete from mailroom.held_messages',
      'truncate mailroom.held_messages',
    ];
    for (const role of ['mailroom_app', 'mailroom_worker']) {
      for (const text of tries.slice(0, role === 'mailroom_app' ? tries.length : 3)) {
        const refusal = await asOwner(ground.ctx.database, async (tx) => {
          await tx.query(`set local role ${role}`);
          await tx.query(`select set_config('mailroom.organization_id', $1, true)`, [
            ground.ctx.organizationId,
          ]);
          const { rowCount } = await tx.query(text);
          return rowCount === 0 ? 'no row' : null;
        }).catch((error: unknown) => String(error));
        assert.ok(refusal !== null, `${role} could: ${text}`);
      }
    }
    assert.ok((await countHistory(ground.ctx)) >= before);
    await desk.settled();
  },
};

async function countHistory({
  database,
}: {
  readonly database: Parameters<typeof asOwner>[0];
}): Promise<number> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ count: number }>('select count(*)::int as count from mailroom.audit_entries'),
  );
  return rows[0]?.count ?? 0;
}
