import { expect, test } from 'vitest';
import { listAuditEntries } from '#lib/audit/list-audit-entries.ts';
import { acceptMessage } from '#lib/messages/accept-message.ts';
import { listMessages } from '#lib/messages/list-messages.ts';
import { signIn } from '#lib/sessions/sign-in.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { contextOf, makeOrganization, makeProject, testServices } from '#tests/support/factories.ts';

const { database } = await createTestDatabase();
const organization = await makeOrganization(database);
const { slug: project } = await makeProject(database, organization);
const services = testServices(database);
const ctx = contextOf(services, organization);
const letter = { to: 'ada@example.com', subject: 'Hello', text: 'Good morning' };
const nul = 'a\0b@example.com';

test.each(['search', 'subject', 'recipient', 'messageId', 'category', 'tag'])(
  'the filter %s takes no control characters, and says so (PRODUCT 10.6)',
  async (field) => {
    await expect((async () => listMessages(ctx, { project, [field]: nul }))()).rejects.toMatchObject({
      code: 'invalid_input',
      issues: [{ field }],
    });
  },
);

test.each(['\0', '\ud800'])('nor does a value of the metadata %j', async (value) => {
  await expect((async () => listMessages(ctx, { project, metadata: { a: value } }))()).rejects.toMatchObject({
    code: 'invalid_input',
    issues: [{ field: 'metadata.a' }],
  });
});

test.each([
  ['sendAt', '0000-01-01T00:00:00Z'],
  ['expiresAt', '9999-12-31T23:59:59-14:00'],
])('%s %s is refused by its field', async (field, time) => {
  await expect(acceptMessage(ctx, project, { ...letter, [field]: time })).rejects.toMatchObject({
    code: 'invalid_input',
    issues: [{ field }],
  });
});

test('other places where a person types refuse NUL as well', async () => {
  await expect(
    (async () => listMessages(ctx, { project, since: '0000-01-01T00:00:00Z' }))(),
  ).rejects.toMatchObject({
    code: 'invalid_input',
  });
  await expect((async () => listMessages(ctx, { project: nul }))()).rejects.toMatchObject({
    code: 'not_found',
  });
  await expect(acceptMessage(ctx, '\0', letter)).rejects.toMatchObject({ code: 'not_found' });
  await expect((async () => listAuditEntries(ctx, { by: nul }))()).rejects.toMatchObject({
    code: 'invalid_input',
  });
  await expect(
    signIn(services, { ip: null, userAgent: null }, { email: nul, password: 'x' }),
  ).rejects.toMatchObject({ code: 'invalid_input' });
});
