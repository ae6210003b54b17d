import type { Ground, ServerGround, SmallDiskGround } from './support/ground.ts';

interface FaultFacts {
  readonly name: string;
  /** What is done, and what must come of it. */
  readonly title: string;
  /** Too long for `npm test`. */
  readonly isLong?: boolean;
  /** How long it may take before it counts as stuck. */
  readonly withinMs?: number;
  /** It starts portals: what they are made of is built before anything is measured. */
  readonly startsPortal?: boolean;
  /** The database is so slow that the fair share of a mail is what such a mail usually waits there. */
  readonly isSlowForAll?: boolean;
  /** It moves the clock that waits are measured by. */
  readonly movesClock?: boolean;
}

/**
 * One way to hurt Mailroom. `needs` says what it has to itself: `desk` a project beside others, on a worker that goes on
 * through all of them; `hasty` the same on a worker that waits for servers in seconds and asks a file for names;
 * `workers` a database and its workers; `server` a Postgres; `small disk` one whose disk can be filled.
 */
export type Fault =
  | (FaultFacts & { readonly needs: 'desk' | 'hasty' | 'workers'; run(ground: Ground): Promise<void> })
  | (FaultFacts & {
      readonly needs: 'server';
      readonly postgres?: Readonly<Record<string, string | number>>;
      run(ground: ServerGround): Promise<void>;
    })
  | (FaultFacts & { readonly needs: 'small disk'; run(ground: SmallDiskGround): Promise<void> });
