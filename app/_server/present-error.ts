import { z } from 'zod';
import type { Log } from '#lib/context.ts';
import { databaseTrouble, troubleWords } from '#lib/database-trouble.ts';
import { DomainError, type DomainErrorCode, type FieldIssue } from '#lib/errors.ts';
import { newToken } from '#lib/ids.ts';

/** A refusal as a page shows it. Nothing in it comes from an unknown error but a reference into the log. */
export interface PresentedError {
  readonly code: DomainErrorCode | 'unexpected';
  readonly message: string;
  readonly issues: readonly FieldIssue[];
  readonly data: Readonly<Record<string, unknown>>;
  /** Found again in the log under the same word; null where the message says it all. */
  readonly reference: string | null;
}

/** Turns anything thrown by a verb into what may be shown; the unknown is logged and gets a reference. */
export function presentError(error: unknown, log: Log, doing: string): PresentedError {
  if (error instanceof DomainError) {
    return {
      code: error.code,
      message: error.message,
      issues: error.issues,
      data: error.data,
      reference: null,
    };
  }
  if (error instanceof z.ZodError) {
    const issues = error.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
    return {
      code: 'invalid_input',
      message: 'Some fields need another value.',
      issues,
      data: {},
      reference: null,
    };
  }
  const reference = newToken(6);
  log.error({ err: error, reference, doing }, 'A request of the portal failed');
  const trouble = databaseTrouble(error);
  if (trouble !== null) {
    const { sentence, retryAfterSeconds } = troubleWords[trouble];
    return {
      code: 'unavailable',
      message: `${sentence} Try again; what you see may be old.`,
      issues: [],
      data: { trouble: sentence, retryAfterSeconds },
      reference,
    };
  }
  return {
    code: 'unexpected',
    message: `Something went wrong on our side. The log has it under ${reference}.`,
    issues: [],
    data: {},
    reference,
  };
}
