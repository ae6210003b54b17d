/** What one limit has left when mails are about to start, as far as it is known. */
export interface ScopeRoom {
  readonly id: string;
  /** Null: no limit. */
  readonly mailsPerDay: number | null;
  /** Mails of the day that only high priority may use. */
  readonly highReserve: number;
  readonly used: number;
  readonly highUsed: number;
}

/** A mail that is about to start. */
export interface StartingMail {
  readonly isHigh: boolean;
  /** Counted already at an earlier start, or nothing of it leaves: it needs no room. */
  readonly needsNone: boolean;
  /** A person has let it pass the limit of the day. */
  readonly mayPass: boolean;
  /** The limits that it counts in: its protocol's and its project's. */
  readonly scopes: readonly string[];
}

export type MarkDecision =
  /** `passed`: which of its scopes it goes beyond. */
  { readonly kind: 'start'; readonly passed: readonly boolean[] } | { readonly kind: 'no_room' };

/**
 * Which of these mails may start, in their order (PRODUCT 5.3). Each that starts takes its room from the next; one that
 * finds a limit spent takes none from any.
 */
export function decideMarks(
  mails: readonly StartingMail[],
  rooms: readonly ScopeRoom[],
): readonly MarkDecision[] {
  const left = new Map(rooms.map((room) => [room.id, { ...room }]));
  return mails.map((mail) => {
    const scopes = mail.scopes.flatMap((id) => left.get(id) ?? []);
    if (mail.needsNone) return { kind: 'start', passed: scopes.map(() => false) };
    const passed = scopes.map((scope) => roomOf(scope, mail.isHigh) <= 0);
    if (!mail.mayPass && passed.includes(true)) return { kind: 'no_room' };
    for (const scope of scopes) {
      scope.used += 1;
      if (mail.isHigh) scope.highUsed += 1;
    }
    return { kind: 'start', passed };
  });
}

/** What a scope has left for a mail of this priority; below 0 where mails have passed it. */
export function roomOf(
  { mailsPerDay, highReserve, used, highUsed }: Omit<ScopeRoom, 'id'>,
  isHigh: boolean,
): number {
  if (mailsPerDay === null) return Number.POSITIVE_INFINITY;
  return mailsPerDay - used - (isHigh ? 0 : Math.max(highReserve - highUsed, 0));
}
