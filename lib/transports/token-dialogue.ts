import { HttpDialogue } from './http/dialogue.ts';
import type { Transcript } from './transcript.ts';

/** Where a request for a token is told; its form holds no content of a mail, and its secrets are masked by name. */
export function tokenDialogue(transcript: Transcript | null): HttpDialogue | null {
  return transcript === null ? null : new HttpDialogue(transcript, { request: (text) => text });
}
