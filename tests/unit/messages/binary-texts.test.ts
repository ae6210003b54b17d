import { expect, test } from 'vitest';
import { binaryTexts } from '#lib/messages/binary-texts.ts';

test('texts stand in Postgres’s binary format: a head of five integers, then length and bytes of each', () => {
  const head = '0000000100000000000000190000000200000001';
  expect(binaryTexts(['aß', '']).toString('hex')).toBe(`${head}0000000361c39f00000000`);
});
