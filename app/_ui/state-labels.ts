import type { GlyphName, GlyphTone } from './glyph.tsx';

/** How a state is shown: its word, its glyph, its colour, and whether it asks to be looked at. */
export type StateLook = {
  readonly word: string;
  readonly glyph: GlyphName;
  readonly tone: GlyphTone;
  readonly weight: 'quiet' | 'loud' | 'outline';
};

export const messageStateLooks = {
  queued: { word: 'Queued', glyph: 'queued', tone: 'grey', weight: 'quiet' },
  sending: { word: 'Sending', glyph: 'sending', tone: 'ink', weight: 'quiet' },
  retrying: { word: 'Retrying', glyph: 'retrying', tone: 'amber', weight: 'loud' },
  sent: { word: 'Sent', glyph: 'sent', tone: 'green', weight: 'quiet' },
  failed: { word: 'Failed', glyph: 'failed', tone: 'red', weight: 'loud' },
  expired: { word: 'Expired', glyph: 'expired', tone: 'grey', weight: 'quiet' },
  cancelled: { word: 'Cancelled', glyph: 'cancelled', tone: 'grey', weight: 'quiet' },
  captured: { word: 'Captured', glyph: 'captured', tone: 'ink', weight: 'outline' },
  uncertain: { word: 'Uncertain', glyph: 'uncertain', tone: 'amber', weight: 'loud' },
  backlog: { word: 'Backlog', glyph: 'backlog', tone: 'violet', weight: 'loud' },
  suspended: { word: 'Suspended', glyph: 'suspended', tone: 'violet', weight: 'outline' },
} as const satisfies Record<string, StateLook>;

export const projectStateLooks = {
  sending: { word: 'Sending', glyph: 'ok', tone: 'green', weight: 'quiet' },
  idle: { word: 'Idle', glyph: 'idle', tone: 'grey', weight: 'quiet' },
  not_set_up: { word: 'Not set up', glyph: 'queued', tone: 'grey', weight: 'quiet' },
  paused: { word: 'Paused', glyph: 'paused', tone: 'violet', weight: 'outline' },
  stopped: { word: 'Stopped', glyph: 'failed', tone: 'red', weight: 'loud' },
  on_alternate: { word: 'On alternate', glyph: 'alternate', tone: 'amber', weight: 'loud' },
  unreachable: { word: 'No answer', glyph: 'retrying', tone: 'amber', weight: 'loud' },
  throttled: { word: 'Throttled', glyph: 'retrying', tone: 'amber', weight: 'loud' },
  at_limit: { word: 'At limit', glyph: 'backlog', tone: 'violet', weight: 'loud' },
  consent_missing: { word: 'No consent', glyph: 'failed', tone: 'red', weight: 'loud' },
  proof_fails: { word: 'Proof fails', glyph: 'failed', tone: 'red', weight: 'loud' },
  ends_soon: { word: 'Ends soon', glyph: 'soon', tone: 'amber', weight: 'loud' },
  archived: { word: 'Archived', glyph: 'archived', tone: 'grey', weight: 'quiet' },
} as const satisfies Record<string, StateLook>;

export type ShownMessageState = keyof typeof messageStateLooks;
export type ShownProjectState = keyof typeof projectStateLooks;
