import type { Services } from '#lib/context.ts';
import type { LaneGate } from '#lib/pools/lane-gate.ts';
import type { PlacesOfLanes } from './lane-places.ts';
import type { LookDesk } from './look-desk.ts';
import type { SendSlots } from './send-slots.ts';
import type { SettleBatch } from './settle-attempts.ts';
import type { SendingShow } from './show-sending.ts';
import type { StartBatch } from './start-attempts.ts';
import type { ContentReader } from './stream-content.ts';
import type { TransportCache } from './transport-cache.ts';

/** What all lanes of one worker share. */
export interface DrainHost extends Services {
  readonly starts: StartBatch;
  readonly settles: SettleBatch;
  readonly sending: SendingShow;
  readonly transports: TransportCache;
  readonly slots: SendSlots;
  /** One place: for mails that one more crash sets aside. */
  readonly suspects: SendSlots;
  /** Asked for mails of projects that draw from a pool. */
  readonly gate: LaneGate;
  /** Looks for mails in doubt before they are sent again. */
  readonly looks: LookDesk;
  /** How far the queues of its lanes were read. */
  readonly places: PlacesOfLanes;
  readonly contents: ContentReader;
  /** Aborted when the worker's time to finish is over: sends end before end-of-data, or tell what they know. */
  readonly abort: AbortSignal;
  random(): number;
  onSent(): void;
}
