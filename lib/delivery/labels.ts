import { maxPlannedTries } from '../policy/decide-retry.ts';

/** Said where a schedule makes one mail come back too often: while it is typed, and when it is refused. */
export const tooManyTries = `That makes more than ${maxPlannedTries} tries of one mail. Let the waits grow, or give up sooner.`;
