import { expect, test } from 'vitest';
import { remedyFor } from '#lib/doctor/remedies.ts';
import { ewsFaultCodes } from '#lib/transports/ews/fault-codes.ts';

test.each(ewsFaultCodes)('%s has a remedy of its own, in whole sentences', (code) => {
  const { happened, todo } = remedyFor(code);
  expect(happened).not.toBe(remedyFor('NO_SUCH_CODE').happened);
  expect(happened).toMatch(/^[A-Z].+\.$/);
  expect(todo).toMatch(/^[A-Z].+\.$/);
});

test('where Exchange Web Services have ended, the way out is named', () => {
  expect(remedyFor('EWS_RETIRED').todo).toContain('Microsoft Graph');
});
