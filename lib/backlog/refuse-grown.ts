import { DomainError } from '../errors.ts';

/**
 * A few more come in while somebody reads the confirmation; a flood of others is not what was confirmed, and a
 * `conflict`.
 */
export function refuseGrown(expected: number | undefined, found: number): void {
  if (expected === undefined || found <= expected * 1.05 + 20) return;
  throw new DomainError(
    'conflict',
    `${found.toLocaleString('en')} mails match by now, not ${expected.toLocaleString('en')}. Look again and confirm anew.`,
    { data: { expected, found } },
  );
}
