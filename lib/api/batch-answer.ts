import type { z } from 'zod';
import type { BatchResult } from '../messages/accept-batch.ts';
import { problemOf } from './problem.ts';
import type { batchSchema } from './responses.ts';

/** The answer to a batch: one entry for each message, in the order given. */
export function batchAnswer(results: readonly BatchResult[], portalUrl: string): z.input<typeof batchSchema> {
  return {
    results: results.map((result) => {
      if (result.kind === 'accepted') {
        return { status: 202 as const, isReplay: result.isReplay, message: result.message };
      }
      const { code, message, issues, data } = result.error;
      const problem = problemOf({ code, message, issues, data, reference: null }, portalUrl);
      return { status: problem.status, problem: { ...problem, errors: [...problem.errors] } };
    }),
  };
}
