import { heldConditions, inProjects } from './held-conditions.ts';
import { matchIds, readSearch } from './held-search.ts';
import type { HeldSelection, HeldState } from './schemas.ts';
import type { SqlValues } from './sql-values.ts';

/** What a selection is made in: these projects, this state, and no mail that was held after `asOf`. */
export interface SelectionScope {
  readonly projectIds: readonly string[];
  readonly state: HeldState;
  /** An exact instant as ISO text; null: whatever is held. */
  readonly asOf: string | null;
}

/** The `from … where …` of all rows `h` of held_messages that a selection means. */
export function selectedHeld(values: SqlValues, scope: SelectionScope, selection: HeldSelection): string {
  const filter = 'filter' in selection ? selection.filter : {};
  const conditions = [
    inProjects(values, scope.projectIds),
    ...heldConditions(values, scope.state, filter),
    ...(scope.asOf === null ? [] : [`h.held_at <= ${values.add(scope.asOf, 'timestamptz')}`]),
  ];
  if ('ids' in selection) {
    conditions.push(`h.message_id = any (${values.add(selection.ids, 'uuid[]')})`);
    return `mailroom.held_messages h where ${conditions.join(' and ')}`;
  }
  if (selection.except !== undefined && selection.except.length > 0) {
    conditions.push(`h.message_id <> all (${values.add(selection.except, 'uuid[]')})`);
  }
  const search = readSearch(filter.search);
  const held = `mailroom.held_messages h where ${conditions.join(' and ')}`;
  if (search === null) return held;
  return `(${matchIds(values, search, scope.projectIds, null)}) as match cross join lateral (
    select h.* from ${held} and h.message_id = match.id limit 1) h where true`;
}
