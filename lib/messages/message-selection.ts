import { z } from 'zod';
import { messageId } from './filter-parts.ts';
import { type MessageFilters, messageFilters } from './list-messages.ts';
import type { MessageRunKind } from './labels.ts';
import { messageActions } from './message-actions.ts';

const manyIds = z
  .array(messageId)
  .max(5_000, 'At most 5,000 messages at a time.')
  .transform((ids) => [...new Set(ids)]);

/** Chosen messages, or all that match a filter but some. */
export const messageSelection = z.union([
  z.strictObject({ ids: manyIds.refine((ids) => ids.length > 0, 'Choose at least one message.') }),
  z.strictObject({ filter: messageFilters, except: manyIds.optional() }),
]);
export type MessageSelection = z.output<typeof messageSelection>;
export type MessageSelectionInput = z.input<typeof messageSelection>;
export type MessageFiltersInput = z.input<typeof messageFilters>;

/** What a run works on, as it is kept: a selection in one project, of what was accepted by then. */
export const storedMessageSelection = z.object({
  projectIds: z.tuple([z.string()]),
  asOf: z.iso.datetime({ offset: true }),
  chosen: messageSelection,
});
export type StoredMessageSelection = z.output<typeof storedMessageSelection>;

/** A filter as callers give it: times as text. */
export function readableMessageFilter(filter: MessageFilters): MessageFiltersInput {
  const { since, until, ...rest } = filter;
  return {
    ...rest,
    ...(since === undefined ? {} : { since: since.toISOString() }),
    ...(until === undefined ? {} : { until: until.toISOString() }),
  };
}

/**
 * The filter of what this can be done to: of its states only, and of nothing that was accepted after `asOf`, an ISO
 * instant. Null where the filter asks for other states alone.
 */
export function actionFilter(
  kind: MessageRunKind,
  filter: MessageFilters,
  asOf: string,
): MessageFilters | null {
  const { states, usualStates } = messageActions[kind];
  const named = filter.state !== undefined && filter.state.length > 0 ? filter.state : usualStates;
  const state = named.filter((each) => states.includes(each));
  if (state.length === 0) return null;
  // A Date has no microseconds: up to the end of that millisecond.
  const end = new Date(Date.parse(asOf) + 1);
  const until = filter.until !== undefined && filter.until < end ? filter.until : end;
  return { ...filter, state, until };
}
