import type { ConnectionState, KnownEnd } from '#lib/connections/connection-health.ts';
import type { StateLook } from '#app/_ui/state-labels.ts';

export const connectionLooks: Readonly<Record<ConnectionState, StateLook>> = {
  fails: { word: 'Fails', glyph: 'failed', tone: 'red', weight: 'loud' },
  consent_missing: { word: 'Consent missing', glyph: 'failed', tone: 'red', weight: 'loud' },
  ends_soon: { word: 'Ends soon', glyph: 'soon', tone: 'amber', weight: 'loud' },
  never_proved: { word: 'Never proved', glyph: 'queued', tone: 'grey', weight: 'quiet' },
  works: { word: 'Works', glyph: 'sent', tone: 'green', weight: 'quiet' },
  not_set_up: { word: 'Not set up', glyph: 'queued', tone: 'grey', weight: 'quiet' },
};

const endWords: Readonly<Record<KnownEnd['kind'], string>> = {
  client_secret: 'Client secret',
  certificate: 'Sign-in certificate',
  token: 'Consent',
  server_certificate: 'Server certificate',
  alternate_certificate: 'Certificate of the alternate',
};

/** "Client secret, in 12 days": what ends and when. */
export function endsWords({ kind, daysLeft }: KnownEnd): { what: string; when: string } {
  return { what: endWords[kind], when: whenWords(daysLeft) };
}

function whenWords(daysLeft: number): string {
  if (daysLeft < 0) return 'has ended';
  if (daysLeft === 0) return 'ends today';
  return daysLeft === 1 ? 'ends in 1 day' : `ends in ${daysLeft} days`;
}
