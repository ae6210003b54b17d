import type { HeldFiltersInput } from '#lib/backlog/schemas.ts';
import { stateLabels } from '#lib/messages/labels.ts';
import type { MessageFiltersInput } from '#lib/messages/message-selection.ts';
import { holdReasonFacts } from '#lib/policy/hold-reasons.ts';

/** What a filter asks for, as a clause: "Category is surveys, Priority is high"; '' where it asks for everything. */
export function filterWords(filter: HeldFiltersInput): string {
  const parts = [
    filter.reason !== undefined &&
      `Why it waits is ${filter.reason.map((reason) => holdReasonFacts[reason].label).join(' or ')}`,
    filter.category !== undefined && `Category is ${filter.category}`,
    filter.priority !== undefined && `Priority is ${filter.priority.join(' or ')}`,
    filter.minRecipients !== undefined && `Recipients are at least ${filter.minRecipients}`,
    filter.search !== undefined && `the search finds “${filter.search}”`,
    (filter.heldSince !== undefined || filter.heldUntil !== undefined) && 'Held is within the chosen time',
  ];
  return parts.filter((part) => part !== false).join(', ');
}

/** The same of a filter of messages. */
export function messageFilterWords(filter: MessageFiltersInput): string {
  const parts = [
    filter.state !== undefined &&
      `State is ${filter.state.map((state) => stateLabels[state].label).join(' or ')}`,
    filter.category !== undefined && `Category is ${filter.category}`,
    filter.tag !== undefined && `Tag is ${filter.tag}`,
    filter.search !== undefined && `the search finds “${filter.search}”`,
    filter.isRepeated === true && 'it may be repeated',
    (filter.since !== undefined || filter.until !== undefined) && 'Accepted is within the chosen time',
  ];
  return parts.filter((part) => part !== false).join(', ');
}
