import { expect, test } from 'vitest';
import { readFileQuery } from '#app/(portal)/held-list/held-file-query.ts';

const now = new Date('2026-05-04T10:00:00Z');
const one = '01890a5d-ac96-774b-bcce-b302099a8057';
const other = '01890a5d-ac96-774b-bcce-b302099a8058';

function read(query: string) {
  return readFileQuery(new URLSearchParams(query), now);
}

test('a file holds what its address asks for', () => {
  expect(read(`format=csv&ids=${one},${other}`)).toEqual({
    format: 'csv',
    project: null,
    selection: { ids: [one, other] },
  });
  expect(read('format=mbox&project=helpdesk&reason=flood&q=SD-48207&held=hour')).toEqual({
    format: 'mbox',
    project: 'helpdesk',
    selection: { filter: { search: 'SD-48207', reason: ['flood'], heldSince: '2026-05-04T09:00:00.000Z' } },
  });
});

test('what was unticked is left out of all that match', () => {
  expect(read(`format=eml&priority=low&except=${one}`)).toEqual({
    format: 'eml',
    project: null,
    selection: { filter: { priority: ['low'] }, except: [one] },
  });
});

test.each([
  'format=csv&ids=',
  'format=csv&ids=junk',
  `format=csv&ids=${one},junk`,
  'format=csv&except=junk',
  `format=csv&ids=${one}&except=${other}`,
  'format=csv&reason=junk',
  'format=csv&held=junk',
  'format=csv&priority=junk',
  'format=csv&recipients=junk',
  `format=csv&q=${'x'.repeat(2_000)}`,
  'format=csv&resaon=flood',
  `format=csv&ids=${Array.from({ length: 201 }, () => one).join(',')}`,
  'format=xls',
  '',
])('nothing is exported for an address that cannot be read: %s', (query) => {
  expect(() => read(query)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
});
