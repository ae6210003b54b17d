/**
 * Deals what is left of a limit over those that wait for it, in equal turns (PRODUCT 5.6): nobody gets more than he
 * has waiting, and what one does not need the others get. `room` null is unlimited. Pure.
 */
export function dealRoom(
  room: number | null,
  waiting: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const dealt = new Map<string, number>();
  // The smallest first: whoever needs less than an equal part leaves more to the rest.
  const order = [...waiting].toSorted(
    ([oneId, one], [otherId, other]) => one - other || (oneId < otherId ? -1 : 1),
  );
  let left = room ?? Infinity;
  let takers = order.length;
  for (const [id, wanted] of order) {
    const part = Math.min(wanted, Math.ceil(left / takers));
    dealt.set(id, part);
    left -= part;
    takers -= 1;
  }
  return dealt;
}
