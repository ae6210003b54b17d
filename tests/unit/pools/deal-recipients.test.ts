import { expect, test } from 'vitest';
import { dealRecipients } from '#lib/policy/deal-recipients.ts';

const mail = (id: string, recipients: number): { id: string; recipients: number } => ({ id, recipients });

test('projects take turns, each with its oldest first, until nothing more fits', () => {
  const one = [mail('a1', 1), mail('a2', 1), mail('a3', 1)];
  const other = [mail('b1', 2), mail('b2', 2)];
  expect(dealRecipients(5, [one, other])).toEqual(['a1', 'b1', 'a2', 'a3']);
  expect(dealRecipients(6, [one, other])).toEqual(['a1', 'b1', 'a2', 'b2']);
});

test('a project whose oldest does not fit waits, and the others go on', () => {
  expect(
    dealRecipients(3, [
      [mail('a1', 9), mail('a2', 1)],
      [mail('b1', 1), mail('b2', 1)],
    ]),
  ).toEqual(['b1', 'b2']);
});

test('without a quota all go; without room none', () => {
  expect(dealRecipients(Infinity, [[mail('a1', 9)], [mail('b1', 1)]])).toEqual(['a1', 'b1']);
  expect(dealRecipients(0, [[mail('a1', 1)]])).toEqual([]);
});
