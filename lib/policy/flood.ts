/** What is a loop or a flood, seen from one mail at the door (PRODUCT 5.10). Pure. */

export const floodRules = ['repeated', 'replies', 'reply_to_automatic', 'surge'] as const;
export type FloodRule = (typeof floodRules)[number];

/** From when on mail of a project is held; whatever stays at or below passes. */
export interface FloodThresholds {
  readonly isOn: boolean;
  /** Mails of one sender, recipient and subject shape. */
  readonly repeatsPerHour: number;
  /** Automatic replies of one sender to one recipient, whatever the subject. */
  readonly repliesPerHour: number;
  /** Times the busiest hour of the last seven days. */
  readonly surgeFactor: number;
  /** Below so many mails an hour nothing is a surge. */
  readonly surgeFloor: number;
}

// Alerts to one mailbox in a bad hour, or a batch to one address, are no loop yet.
export const floodDefaults: FloodThresholds = {
  isOn: true,
  repeatsPerHour: 500,
  repliesPerHour: 10,
  surgeFactor: 5,
  surgeFloor: 1_000,
};

export interface FloodMail {
  /** Null: the configured sender. */
  readonly sender: string | null;
  readonly recipients: readonly string[];
  readonly subject: string;
  /** The header block, as it was made or handed in. */
  readonly headers: string;
  /** The empty string is the null sender. */
  readonly envelopeFrom: string | null;
}

/** What a mail is counted by: the rule, a key that is the same for all that count together, and words for people. */
export interface FloodShape {
  readonly rule: FloodRule;
  readonly key: string;
  readonly label: string;
}

/** Under this key every mail of the project counts. */
export const surgeShape: FloodShape = { rule: 'surge', key: 'all', label: 'All mail of the project' };

/** A subject without what differs from one mail of a kind to the next: numbers, ids, prefixes of replies. */
export function subjectShape(subject: string): string {
  return subject
    .normalize('NFKC')
    .toLowerCase()
    .replace(/^(?:\s*(?:re|aw|sv|antw|fwd?|wg)(?:\[\d+\])?\s*:)+/, '')
    .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '#')
    .replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/g, '#')
    .replace(/\d+(?:[.,:/-]\d+)*/g, '#')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The shapes that the mail counts in, the most telling first. */
export function shapesOf(mail: FloodMail): readonly FloodShape[] {
  const to = [...mail.recipients].map((address) => address.toLowerCase()).toSorted();
  const from = mail.sender?.toLowerCase() ?? '';
  const subject = subjectShape(mail.subject);
  const shown = to.length > 1 ? `${to[0] ?? ''} and ${to.length - 1} more` : (to[0] ?? '');
  const repeated: FloodShape = {
    rule: 'repeated',
    key: [from, ...to, '', subject].join('\n'),
    label: `“${subject === '' ? '(no subject)' : subject}” to ${shown}`,
  };
  const signs = signsOf(mail);
  if (!signs.isReply) return [repeated];
  const pair = [from, ...to].join('\n');
  const automatic = mail.recipients.find(isAutomaticAddress);
  return [
    ...(signs.isAutomatic && automatic !== undefined
      ? [{ rule: 'reply_to_automatic', key: pair, label: `Automatic replies to ${automatic}` } as const]
      : []),
    ...(signs.isAutomaticReply
      ? [{ rule: 'replies', key: pair, label: `Automatic replies to ${shown}` } as const]
      : []),
    repeated,
  ];
}

interface Signs {
  /** A machine wrote it. */
  readonly isAutomatic: boolean;
  /** It answers another mail. */
  readonly isReply: boolean;
  /** It says itself that it answers by machine. */
  readonly isAutomaticReply: boolean;
}

const replySubject = /^\s*(?:re|aw|sv|antw)(?:\[\d+\])?\s*:/i;
const awaySubject =
  /^\s*(?:auto(?:matic)?[ -]?(?:reply|response)|out of (?:the )?office|automatische antwort|abwesenheits|réponse automatique|respuesta automática)/i;

const fields = {
  submitted: /^auto-submitted:[ \t]*([^\r\n;]*)/im,
  precedence: /^precedence:[ \t]*([^\r\n;]*)/im,
  autoreply: /^x-autoreply:[ \t]*([^\r\n;]*)/im,
  autorespond: /^x-autorespond:[ \t]*([^\r\n;]*)/im,
  suppress: /^x-auto-response-suppress:[ \t]*([^\r\n;]*)/im,
  inReplyTo: /^in-reply-to:[ \t]*([^\r\n;]*)/im,
  references: /^references:[ \t]*([^\r\n;]*)/im,
};

// RFC 3834 (Auto-Submitted); Precedence and the X- fields are what responders wrote before it and still do.
function signsOf({ headers, envelopeFrom, subject }: FloodMail): Signs {
  const field = (name: keyof typeof fields): string | null =>
    fields[name].exec(headers)?.[1]?.trim().toLowerCase() ?? null;
  const submitted = field('submitted');
  const precedence = field('precedence');
  const answersByItself =
    submitted === 'auto-replied' ||
    precedence === 'auto_reply' ||
    field('autoreply') !== null ||
    field('autorespond') !== null;
  const isAutomatic =
    answersByItself ||
    (submitted !== null && submitted !== 'no') ||
    ['bulk', 'junk', 'list'].includes(precedence ?? '') ||
    field('suppress') !== null ||
    envelopeFrom === '';
  const isAway = awaySubject.test(subject);
  const isReply =
    answersByItself ||
    isAway ||
    replySubject.test(subject) ||
    field('inReplyTo') !== null ||
    field('references') !== null;
  return { isAutomatic, isReply, isAutomaticReply: answersByItself || (isAutomatic && isAway) };
}

const automaticLocalPart =
  /^(?:mailer-daemon|postmaster|no[-_.]?reply|do[-_.]?not[-_.]?reply|bounces?(?:[-+=].*)?|.*-bounces?|auto(?:matic)?[-_.]?repl(?:y|ies)|autoresponder)$/i;

/** Nobody reads what comes to such an address. */
function isAutomaticAddress(address: string): boolean {
  return automaticLocalPart.test(address.slice(0, Math.max(0, address.lastIndexOf('@'))));
}

export interface FloodFacts {
  readonly thresholds: FloodThresholds;
  /** Each shape of the mail with how many of it came within the hour, this one included. */
  readonly seen: readonly {
    readonly shape: FloodShape;
    readonly mails: number;
    readonly isAllowed: boolean;
  }[];
  /** Mails in the busiest hour of the last seven days; null: too little is known of the project. */
  readonly busiestHour: number | null;
}

export type FloodDecision =
  | { readonly kind: 'pass' }
  | { readonly kind: 'hold'; readonly shape: FloodShape; readonly seen: number; readonly threshold: number };

/** Whether the mail is held as part of a flood, and by which rule: the first that it breaks and nobody has allowed. */
export function decideFlood({ thresholds, seen, busiestHour }: FloodFacts): FloodDecision {
  if (!thresholds.isOn) return { kind: 'pass' };
  for (const { shape, mails, isAllowed } of seen) {
    const threshold = thresholdOf(shape.rule, thresholds, busiestHour);
    if (isAllowed || threshold === null || mails <= threshold) continue;
    return { kind: 'hold', shape, seen: mails, threshold };
  }
  return { kind: 'pass' };
}

/** How many may pass within an hour; null: the rule says nothing. */
function thresholdOf(
  rule: FloodRule,
  thresholds: FloodThresholds,
  busiestHour: number | null,
): number | null {
  switch (rule) {
    case 'repeated':
      return thresholds.repeatsPerHour;
    case 'replies':
      return thresholds.repliesPerHour;
    case 'reply_to_automatic':
      return 0;
    case 'surge':
      return busiestHour === null
        ? null
        : Math.max(thresholds.surgeFloor, thresholds.surgeFactor * busiestHour);
    default:
      return rule satisfies never;
  }
}
