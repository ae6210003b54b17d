import { priorityLabels } from '../messages/labels.ts';
import type { HeldFilters, HeldState } from './schemas.ts';
import type { SqlValues } from './sql-values.ts';

/** What the filters but the search ask of a row `h` of held_messages, each as one condition. */
export function heldConditions(values: SqlValues, state: HeldState, filters: HeldFilters): string[] {
  const conditions = [`h.state = ${values.add(state, 'text')}`];
  const { reason, category, priority, heldSince, heldUntil, minRecipients } = filters;
  if (reason !== undefined && reason.length > 0) {
    conditions.push(`h.reason = any (${values.add(reason, 'text[]')})`);
  }
  if (category !== undefined && category !== '') {
    conditions.push(`h.category = ${values.add(category, 'text')}`);
  }
  if (priority !== undefined && priority.length > 0) {
    const ranks = priority.map((label) => priorityLabels.indexOf(label));
    conditions.push(`h.priority = any (${values.add(ranks, 'smallint[]')})`);
  }
  if (heldSince !== undefined) conditions.push(`h.held_at >= ${values.add(heldSince, 'timestamptz')}`);
  if (heldUntil !== undefined) conditions.push(`h.held_at < ${values.add(heldUntil, 'timestamptz')}`);
  if (minRecipients !== undefined) {
    conditions.push(`h.recipient_count >= ${values.add(minRecipients, 'integer')}`);
  }
  return conditions;
}

/** Limits a statement over rows `h` of held_messages to these projects; a single one by its own statistics. */
export function inProjects(values: SqlValues, projectIds: readonly string[]): string {
  const [only] = projectIds;
  return only !== undefined && projectIds.length === 1
    ? `h.project_id = ${values.add(only, 'uuid')}`
    : `h.project_id = any (${values.add(projectIds, 'uuid[]')})`;
}
