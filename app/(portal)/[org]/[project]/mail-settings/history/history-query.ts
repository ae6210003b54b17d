import { z } from 'zod';

const version = z.coerce.number().int().min(1).optional().catch(undefined);
const text = z.string().min(1).max(320).optional().catch(undefined);

/** What the address of the history says: filters, the page, and the two versions that are compared. */
export const historyQuery = z.object({
  from: version,
  to: version,
  /** Any value shows the fields that are the same, too. */
  all: text,
  by: text,
  field: text,
  /** The page that begins below this version, and the one that ends above it. */
  after: version,
  before: version,
});
export type HistoryQuery = z.infer<typeof historyQuery>;

export const versionsPerPage = 50;

/** The bound of the page as the verb takes it: only versions below it. */
export function pageBound({ after, before }: HistoryQuery): number | undefined {
  if (after !== undefined) return after;
  return before === undefined ? undefined : before + versionsPerPage + 1;
}
