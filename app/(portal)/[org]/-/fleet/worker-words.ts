import type { WorkerState } from '#lib/queue/read-fleet.ts';
import type { StateLook } from '#app/_ui/state-labels.ts';

export const workerLooks: Readonly<Record<WorkerState, StateLook>> = {
  alive: { word: 'Alive', glyph: 'ok', tone: 'green', weight: 'quiet' },
  silent: { word: 'Silent', glyph: 'retrying', tone: 'amber', weight: 'loud' },
  lost: { word: 'Lost', glyph: 'failed', tone: 'red', weight: 'loud' },
  stopped: { word: 'Stopped', glyph: 'cancelled', tone: 'grey', weight: 'quiet' },
};

const tenths = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/** Mails a second: "0.4", "12.5", "1,240". */
export function rateWords(perSecond: number): string {
  return perSecond < 100 ? tenths.format(perSecond) : whole.format(perSecond);
}

/** "Billing and Service desk", "Billing, Help and 3 more": the reader's own projects among a worker's lanes. */
export function ownWords(names: readonly string[]): string {
  const shown = names.slice(0, 2);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${more} more`;
  return shown.join(' and ');
}
