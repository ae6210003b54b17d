import { expect, test } from 'vitest';
import { decideBroken } from '#lib/policy/crash-rule.ts';

test('a mail that cannot be made ready waits longer each time, for hours, and only then fails', () => {
  const waits: number[] = [];
  for (let count = 1; ; count += 1) {
    const decision = decideBroken(count);
    if (decision.kind === 'failed') {
      expect(decision.reason).toBe('MAIL_NOT_READY');
      break;
    }
    expect(decision.waitMs).toBeGreaterThan(waits.at(-1) ?? 0);
    waits.push(decision.waitMs);
  }
  expect(waits).toHaveLength(6);
  expect(waits.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(8 * 3_600_000);
});
