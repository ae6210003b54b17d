import { expect, test } from 'vitest';
import { withTenant } from '#db/client.ts';
import { loadProject } from '#lib/access/load-project.ts';
import { tenantScope } from '#lib/context.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeMember,
  makeOrganization,
  makeProject,
  testServices,
  userActor,
} from '#tests/support/factories.ts';

const { database } = await createTestDatabase();
const services = testServices(database);

test('a member sees the projects of its organization and of no other', async () => {
  const home = await makeOrganization(database);
  const other = await makeOrganization(database);
  const project = await makeProject(database, home);
  const foreign = await makeProject(database, other);
  const member = await makeMember(database, home, 'viewer');
  const ctx = contextOf(services, home, userActor(member, 'viewer'));
  await withTenant(database, tenantScope(ctx), async (tx) => {
    expect((await loadProject(tx, ctx, project.slug)).id).toBe(project.id);
    await expect(loadProject(tx, ctx, foreign.id)).rejects.toMatchObject({ code: 'not_found' });
  });
});
