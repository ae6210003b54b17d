/**
 * What neighbours in a batch have in common, said once. A batch mostly holds mails of few projects that ended alike, and
 * Postgres pays for each value that it reads: `rows` are the distinct rows, `places` says for each item which one is its
 * own, counted from 1 as Postgres does.
 */
export interface SharedRows<Value> {
  readonly rows: readonly (readonly Value[])[];
  readonly places: readonly number[];
}

/** So many rows back a same one is looked for: projects that take turns alternate. */
const lookBack = 4;

export function shareRows<Item, Value>(
  items: readonly Item[],
  rowOf: (item: Item) => readonly Value[],
): SharedRows<Value> {
  const rows: (readonly Value[])[] = [];
  const places: number[] = [];
  for (const item of items) {
    const row = rowOf(item);
    places.push(placeAmongLast(rows, row) ?? rows.push(row));
  }
  return { rows, places };
}

function placeAmongLast<Value>(rows: readonly (readonly Value[])[], wanted: readonly Value[]): number | null {
  for (let place = rows.length; place > Math.max(0, rows.length - lookBack); place -= 1) {
    const row = rows[place - 1];
    if (row !== undefined && isSame(row, wanted)) return place;
  }
  return null;
}

function isSame<Value>(one: readonly Value[], other: readonly Value[]): boolean {
  for (let index = 0; index < one.length; index += 1) if (one[index] !== other[index]) return false;
  return true;
}
