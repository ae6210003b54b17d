import { expect, test } from 'vitest';
import { demoOrganization, inboxMembership } from '#lib/inbox/inbox-membership.ts';

test('only members of the organization whose mail the inbox holds may open it (PRODUCT 10.2)', () => {
  expect(inboxMembership([{ slug: 'other' }])).toBeNull();
  expect(inboxMembership([])).toBeNull();
  expect(inboxMembership([{ slug: 'another' }, { slug: demoOrganization }])).toEqual({
    slug: demoOrganization,
  });
});
