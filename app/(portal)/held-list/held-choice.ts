import type { HeldFiltersInput, HeldSelectionInput } from '#lib/backlog/schemas.ts';
import type { BulkSelection } from '#app/_components/data-table-model.ts';

/** Held mails that something is to be done with, on a page of one project or (null) of all. */
export interface HeldChoice {
  readonly project: string | null;
  readonly selection: HeldSelectionInput;
  readonly count: number;
  /** More than `count`: whoever acts on them is told the number first. */
  readonly isCapped?: boolean;
}

/** The ticked rows, or all that the page's filter matches but those unticked since. */
export function choiceOf(
  project: string | null,
  filter: HeldFiltersInput,
  { ids, allMatching, except, count, isCapped }: BulkSelection,
): HeldChoice {
  return {
    project,
    selection: allMatching
      ? { filter, ...(except.length === 0 ? {} : { except: [...except] }) }
      : { ids: [...ids] },
    count,
    isCapped,
  };
}
