import type { MessageRunKind } from '#lib/messages/labels.ts';
import type { MessageFiltersInput, MessageSelectionInput } from '#lib/messages/message-selection.ts';
import type { BulkSelection } from '#app/_components/data-table-model.ts';

/** What is to be done to which messages, before somebody confirms it. */
export interface RunChoice {
  readonly kind: MessageRunKind;
  readonly selection: MessageSelectionInput;
  /** How many are selected; null where nobody has counted them all. */
  readonly count: number | null;
}

/** The ticked rows, or all that the page's filter matches but those unticked since. */
export function selectionOf(
  filter: MessageFiltersInput,
  { ids, allMatching, except }: Pick<BulkSelection, 'ids' | 'allMatching' | 'except'>,
): MessageSelectionInput {
  if (!allMatching) return { ids: [...ids] };
  return { filter, ...(except.length === 0 ? {} : { except: [...except] }) };
}
