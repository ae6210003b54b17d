import type { ServerReply } from '../contract.ts';
import { maskSecrets } from '../transcript.ts';

const maxTextLength = 1000;

/**
 * Reads an SMTP reply, several lines joined by line feeds (RFC 5321 4.2.1, RFC 2034). Null when it is not one: a
 * service that does not speak SMTP is not quoted.
 */
export function parseReply(response: string | undefined, secretForms: readonly string[]): ServerReply | null {
  if (response === undefined) return null;
  const lines = response.split(/\r?\n/).filter((line) => line !== '');
  const code = /^(?<code>[2-5]\d{2})(?:[ -]|$)/.exec(lines[0] ?? '')?.groups?.['code'];
  if (code === undefined) return null;
  let enhancedCode: string | null = null;
  const texts = lines.map((line) => {
    const rest = line.replace(/^\d{3}[ -]?/, '');
    const match = /^(?<enhanced>[245]\.\d{1,3}\.\d{1,3})(?:\s+|$)/.exec(rest);
    enhancedCode ??= match?.groups?.['enhanced'] ?? null;
    return match === null ? rest : rest.slice(match[0].length);
  });
  const text = maskSecrets(texts.join('\n').trim(), secretForms).slice(0, maxTextLength);
  return { code: Number(code), enhancedCode, text: readable(text) };
}

// A reply is kept and shown: Postgres refuses NUL and half a character (the cut may make one), and no control
// character of a server belongs into a log or a terminal.
function readable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '\uFFFD').toWellFormed();
}

/** Words of our own in the place of a reply, for a refusal that needed no question to the server. */
export function ownReply(enhancedCode: string, text: string): ServerReply {
  return { code: null, enhancedCode, text };
}
