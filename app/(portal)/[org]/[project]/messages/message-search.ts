import { z } from 'zod';
import { isId } from '#lib/ids.ts';
import { shortText } from '#lib/messages/filter-parts.ts';
import { type MessageState, messageStates } from '#lib/messages/labels.ts';
import type { MessageFiltersInput } from '#lib/messages/message-selection.ts';

const one = shortText.optional().catch(undefined);
const id = z.string().refine(isId).optional().catch(undefined);

/** The list's address. What cannot be used is left out, so that an old link still shows a list. */
export const messageSearch = z.object({
  q: one,
  state: z
    .enum([...messageStates, 'waiting'])
    .optional()
    .catch(undefined),
  category: one,
  tag: one,
  accepted: z.enum(['hour', 'day', 'week']).optional().catch(undefined),
  repeated: z.literal('yes').optional().catch(undefined),
  /** Older than this message. */
  after: id,
  /** Newer than this message. */
  before: id,
  message: id,
});
export type MessageSearch = z.output<typeof messageSearch>;

const spansMs = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000 } as const;

/** What a project calls "waiting": all that its queue holds. */
export const waitingStates = ['queued', 'sending', 'retrying'] as const;

function statesOf(state: NonNullable<MessageSearch['state']>): MessageState[] {
  return state === 'waiting' ? [...waitingStates] : [state];
}

/** What the address filters by. */
export function filterOf(search: MessageSearch, now: Date): MessageFiltersInput {
  const { q, state, category, tag, accepted, repeated } = search;
  return {
    ...(q === undefined || q === '' ? {} : { search: q }),
    ...(state === undefined ? {} : { state: statesOf(state) }),
    ...(category === undefined || category === '' ? {} : { category }),
    ...(tag === undefined || tag === '' ? {} : { tag }),
    ...(accepted === undefined ? {} : { since: new Date(now.getTime() - spansMs[accepted]).toISOString() }),
    ...(repeated === undefined ? {} : { isRepeated: true }),
  };
}

/** What the address asks of the list verb. */
export function listInput(search: MessageSearch, now: Date) {
  const { after, before } = search;
  return {
    ...filterOf(search, now),
    // The address speaks of the next page, the verb of older messages.
    ...(after === undefined ? {} : { before: after }),
    ...(before === undefined || after !== undefined ? {} : { after: before }),
  };
}

export function isFiltered({ q, state, category, tag, accepted, repeated }: MessageSearch): boolean {
  return [q, state, category, tag, accepted, repeated].some((value) => value !== undefined && value !== '');
}
