import type { Transcript } from '../transcript.ts';
import type { HttpAnswer, HttpRequest } from './request.ts';

/** How bodies are shown; absent where a request's body is content that no dialogue may hold. */
export interface BodyShows {
  /** What may be kept of a request body that is text. Without it only its size is told. */
  readonly request?: (text: string) => string;
  /** What may be kept of an answer. Without it texts are shown as they are, secrets masked. */
  readonly answer?: (text: string) => string;
}

const maxShownBytes = 16 * 1024;
const maskedHeaders =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|www-authenticate|proxy-authenticate|x-api-key)$/i;
const secretNames =
  'access_token|refresh_token|id_token|client_secret|client_assertion|assertion|password|code_verifier|device_code|uploadUrl';

/** The dialogue of requests for email debug (PRODUCT 2.11), masked as it is captured and bounded by its transcript. */
export class HttpDialogue {
  readonly #transcript: Transcript;
  readonly #shows: BodyShows;

  constructor(transcript: Transcript, shows: BodyShows = {}) {
    this.#transcript = transcript;
    this.#shows = shows;
  }

  sent(request: HttpRequest): void {
    this.#transcript.add('sent', `${request.method} ${maskUrl(request.url)}`);
    this.#headers('sent', request.headers);
    const { body = null } = request;
    if (body === null) return;
    const isText = typeof body === 'string' || body instanceof Uint8Array;
    const sizeBytes = isText ? Buffer.byteLength(body) : body.sizeBytes;
    if (sizeBytes === 0) return;
    const show = this.#shows.request;
    if (!isText || show === undefined)
      return this.#transcript.add('note', `${sizeBytes} bytes of content follow`);
    const text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8', 0, maxShownBytes);
    this.#body('sent', show(text), sizeBytes);
  }

  received(answer: HttpAnswer): void {
    this.#transcript.add('received', `HTTP/1.1 ${answer.status}`);
    this.#headers('received', answer.headers);
    if (answer.body.length === 0) return;
    const type = answer.headers['content-type'] ?? '';
    if (!/json|xml|text|form/i.test(type)) {
      return this.#transcript.add('note', `${answer.body.length} bytes that are no text`);
    }
    const text = answer.body.toString('utf8', 0, maxShownBytes);
    this.#body('received', this.#shows.answer?.(text) ?? text, answer.body.length);
  }

  note(text: string): void {
    this.#transcript.add('note', text);
  }

  #headers(direction: 'sent' | 'received', headers: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(headers)) {
      const shown = maskedHeaders.test(name) ? maskCredentials(value) : maskText(value);
      this.#transcript.add(
        direction,
        `${name}: ${name.toLowerCase() === 'location' ? maskUrl(value) : shown}`,
      );
    }
  }

  #body(direction: 'sent' | 'received', text: string, sizeBytes: number): void {
    this.#transcript.add(direction, layOut(maskText(text.slice(0, maxShownBytes))));
    if (sizeBytes > maxShownBytes) this.note(`The rest of its ${sizeBytes} bytes was left out`);
  }
}

/** Secrets that are known by their place: fields of JSON and forms, and everything that looks like a token. */
export function maskText(text: string): string {
  return text
    .replaceAll(new RegExp(`"(${secretNames})"(\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"?`, 'gi'), '"$1"$2"***"')
    .replaceAll(new RegExp(`(^|[&\\s?])(${secretNames}|code)=[^&\\s]*`, 'gi'), '$1$2=***')
    .replaceAll(/\b(Bearer|Basic|NTLM|Negotiate)\s+[A-Za-z0-9+/=._~-]{8,}/gi, '$1 ***')
    .replaceAll(/\beyJ[\w-]{8,}(?:\.[\w-]+)*/g, '***');
}

/** An address without what signs or names its caller: user, and query fields that carry a token. */
export function maskUrl(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null) return maskText(address);
  url.username = '';
  url.password = '';
  for (const name of new Set(url.searchParams.keys())) {
    if (/token|sig|secret|key|auth|code|password|state/i.test(name)) url.searchParams.set(name, '***');
  }
  return maskText(url.href);
}

/** "Bearer eyJ…" becomes "Bearer ***"; the names of several challenges stay readable, what follows them does not. */
function maskCredentials(value: string): string {
  const schemes = value.match(/\b(?:Bearer|Basic|NTLM|Negotiate|Digest)\b/gi);
  return schemes === null ? '***' : schemes.map((scheme) => `${scheme} ***`).join(', ');
}

/** One long line would be cut: JSON is laid out, forms and XML are broken where they part. */
function layOut(text: string): string {
  const trimmed = text.trimStart();
  if (trimmed.startsWith('{') || trimmed.startsWith('[')) {
    try {
      return JSON.stringify(JSON.parse(trimmed), null, 1);
    } catch {
      return text;
    }
  }
  return trimmed.startsWith('<') ? text.replaceAll('><', '>\n<') : text.replaceAll('&', '\n&');
}
