import type { TranscriptLine } from './contract.ts';

const maxLines = 400;
const maxLineLength = 500;

/**
 * A bounded protocol dialogue. Secrets are masked before a line is kept, so that no later reader has to. Beyond its
 * bound it keeps the beginning and says how much it left out.
 */
export class Transcript {
  readonly #startedMs: number;
  readonly #now: () => number;
  readonly #secrets: string[];
  readonly #lines: TranscriptLine[] = [];
  #leftOut = 0;

  /** `secrets` are values that must not appear in any line, in clear or in Base64. */
  constructor(now: () => number, secrets: readonly string[]) {
    this.#now = now;
    this.#startedMs = now();
    this.#secrets = [...secrets];
  }

  /** Further values that must appear in no later line: a token that was fetched after the dialogue began. */
  hide(forms: readonly string[]): void {
    this.#secrets.push(...forms);
  }

  add(direction: TranscriptLine['direction'], text: string): void {
    if (this.#lines.length >= maxLines) {
      this.#leftOut += 1;
      return;
    }
    const atMs = Math.round(this.#now() - this.#startedMs);
    for (const line of text.split(/\r?\n/)) {
      const masked = maskSecrets(printable(line), this.#secrets);
      this.#lines.push({ atMs, direction, text: masked.slice(0, maxLineLength) });
    }
  }

  lines(): readonly TranscriptLine[] {
    if (this.#leftOut === 0) return this.#lines;
    const atMs = Math.round(this.#now() - this.#startedMs);
    return [...this.#lines, { atMs, direction: 'note', text: `${this.#leftOut} more lines were left out` }];
  }
}

/**
 * What `maskSecrets` looks for: each secret as it is, and as Base64 carries it at each of the three places where it
 * can begin within a longer text (AUTH PLAIN puts the user name before it).
 */
export function secretForms(secrets: readonly string[]): readonly string[] {
  return secrets
    .filter((secret) => secret.length > 0)
    .flatMap((secret) => [secret, ...[0, 1, 2].map((offset) => base64Core(secret, offset))])
    .filter((form) => form.length > 0);
}

/** The Base64 digits that depend on the secret alone when `offset` other bytes stand before it. */
function base64Core(secret: string, offset: number): string {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret, 'utf8')]);
  const wholeDigits = Math.floor((bytes.length * 8) / 6);
  return bytes.toString('base64').slice(Math.ceil((offset * 8) / 6), wholeDigits);
}

/** A server may echo what it was sent: its words lose the secrets before anyone keeps them. */
export function maskSecrets(text: string, forms: readonly string[]): string {
  let masked = text;
  for (const form of forms) masked = masked.replaceAll(form, '***');
  return masked;
}

function printable(line: string): string {
  // eslint-disable-next-line no-control-regex -- control characters of a hostile server are what is removed here
  return line.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g, '\uFFFD');
}
