import { expect, test } from 'vitest';
import { textArrayLiteral } from '#lib/queue/array-literal.ts';
import { shareRows } from '#lib/queue/shared-rows.ts';

test('each item finds its own row by its place, however neighbours take turns', () => {
  const items = ['a', 'b', 'a', 'b', 'c', 'd', 'e', 'f', 'a', 'f', null];
  const { rows, places } = shareRows(items, (item) => [item, 1]);
  expect(places.map((place) => rows[place - 1]?.[0])).toEqual(items);
  expect(rows.length).toBeLessThan(items.length);
});

test('text in an array keeps quotes, backslashes, commas, braces and the word NULL', () => {
  expect(textArrayLiteral(['a,b', 'say "x\\y"', '{}', 'NULL', '', null])).toBe(
    String.raw`{"a,b","say \"x\\y\"","{}","NULL","",NULL}`,
  );
});
