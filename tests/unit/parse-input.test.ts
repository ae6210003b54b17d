import { expect, test } from 'vitest';
import { z } from 'zod';
import { DomainError } from '#lib/errors.ts';
import { parseInput } from '#lib/parse-input.ts';

const schema = z.strictObject({
  text: z.string(),
  when: z.date(),
  labels: z.record(z.string(), z.string()),
  custom: z.unknown().nonoptional(),
});

test('faults are told in words of people, not of the language (PRODUCT 10.6)', () => {
  try {
    parseInput(schema, { text: 1, when: 'x', labels: [], more: true });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    expect(Object.fromEntries(error.issues.map(({ field, message }) => [field, message]))).toEqual({
      text: 'This must be given as text.',
      when: 'This must be given as a time.',
      labels: 'This must be given as an object.',
      custom: 'This field is needed.',
      more: 'There is no such field.',
    });
    return;
  }
  expect.unreachable('the input was taken');
});
