/** Which headers a caller may give, and what may stand in them. */

// Those with a field of their own, those that Mailroom or the servers on the way write, and those that would start
// mail of their own.
const ownHeaders = new Map<string, string>([
  ['from', 'Use the field "from".'],
  ['to', 'Use the field "to".'],
  ['cc', 'Use the field "cc".'],
  ['bcc', 'Use the field "bcc".'],
  ['reply-to', 'Use the field "replyTo".'],
  ['subject', 'Use the field "subject".'],
  ['date', 'Mailroom writes the Date when it accepts the message.'],
  ['message-id', 'Mailroom writes the Message-ID; hand in a finished message to keep your own.'],
  ['sender', 'Mailroom writes this header itself.'],
  ['mime-version', 'Mailroom writes this header itself.'],
  ['return-path', 'Only the last server writes this header.'],
  ['delivered-to', 'Only the last server writes this header.'],
  ['received', 'Only servers on the way write this header.'],
  ['dkim-signature', 'Only servers on the way write this header.'],
  ['authentication-results', 'Only servers on the way write this header.'],
  ['apparently-to', 'This header would show recipients.'],
  ['x-original-to', 'Only the last server writes this header.'],
]);

const ownPrefixes: readonly (readonly [string, string])[] = [
  ['content-', 'Mailroom writes the Content headers itself.'],
  ['resent-', 'Mailroom does not take Resent headers.'],
  ['arc-', 'Only servers on the way write this header.'],
  ['received-', 'Only servers on the way write this header.'],
  ['x-mailroom-', 'Headers that begin with X-Mailroom- are kept for Mailroom.'],
];

const headerName = /^[A-Za-z][A-Za-z0-9-]{0,75}$/;
const encodedWord = /=\?[^?\s]+\?([BbQq])\?([^?]*)\?=/g;
const longestWord = 900;

/** Why this header is refused, as a sentence; null when it may stand. */
export function callerHeaderFault(name: string, values: readonly string[]): string | null {
  if (!headerName.test(name)) return 'A header name has letters, digits and hyphens only, at most 76.';
  const lower = name.toLowerCase();
  const own = ownHeaders.get(lower) ?? ownPrefixes.find(([prefix]) => lower.startsWith(prefix))?.[1];
  if (own !== undefined) return own;
  for (const value of values) {
    if (hidesControls(value)) return 'This header hides control characters in an encoded word.';
    if (value.split(' ').some((word) => word.length > longestWord)) {
      return `This header has more than ${longestWord} characters without a space.`;
    }
  }
  return null;
}

// An encoded word cannot break a line on the wire, but a reader that decodes before it parses can be tricked.
function hidesControls(value: string): boolean {
  for (const [, kind, content] of value.matchAll(encodedWord)) {
    const bytes =
      kind?.toLowerCase() === 'b'
        ? Buffer.from(content ?? '', 'base64')
        : Buffer.from(decodeQ(content ?? ''), 'latin1');
    if (bytes.some((byte) => byte < 0x20 || byte === 0x7f)) return true;
  }
  return false;
}

function decodeQ(text: string): string {
  return text.replaceAll(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCodePoint(Number.parseInt(hex, 16)),
  );
}
