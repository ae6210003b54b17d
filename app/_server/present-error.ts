import { z } from 'zod';
import type { Log } from '#lib/context.ts';
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

// Class 08 is a lost connection, 57P01 to 57P05 a server that ends or starts, 53300 one that takes no more.
const lostDatabaseCodes = /^(?:08\d{3}|57P0[1-5]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|ETIMEDOUT)$/;
const lostDatabaseTexts = /timeout exceeded when trying to connect|Connection terminated|Cannot use a pool/;

/** Whether the error says that Postgres cannot be reached, rather than that a statement was wrong. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (lostDatabaseCodes.test(code) || lostDatabaseTexts.test(error.message)) return true;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseAway);
  return isDatabaseAway(error.cause);
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
  if (isDatabaseAway(error)) {
    return {
      code: 'unavailable',
      message: 'The database does not answer. Try again; what you see may be old.',
      issues: [],
      data: {},
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
