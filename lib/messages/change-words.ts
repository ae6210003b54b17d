/** One thing that a protocol could not carry as it was; `detail` is null for who may not read content. */
export interface ShownChange {
  readonly code: string;
  readonly detail: string | null;
}

/** What had to be changed in a mail for its protocol (PRODUCT 4.9), by code: for the API and who reads no content. */
export const changeMeanings = {
  HEADER_RECIPIENT_REMOVED: 'An address was left out of a header: it is outside the envelope.',
  HEADER_REMOVED: 'A header was left out: recipients are named by the envelope alone.',
  HEADER_NOT_KEPT: 'A header was left out: the protocol carries at most five headers of your own.',
  TEXT_PART_NOT_KEPT: 'The plain text was left out: the protocol carries one text, and HTML was kept.',
  ATTACHMENT_UPLOADED: 'An attachment was uploaded by itself: it is too large for one request.',
  COPY_KEPT: 'A copy stays in Sent Items, though the settings keep none: large mail goes by way of a draft.',
} as const satisfies Readonly<Record<string, string>>;

/** The same as people read it, with what it concerns. Pure, for the browser too. */
export function changeWords({ code, detail }: ShownChange): string {
  if (!isChange(code))
    return `${code.replaceAll('_', ' ').toLowerCase()}${detail === null ? '' : `: ${detail}`}`;
  if (detail === null) return changeMeanings[code].replace(/\.$/, '');
  switch (code) {
    case 'HEADER_RECIPIENT_REMOVED':
      return `${withoutColon(detail)} left out: outside the envelope`;
    case 'HEADER_REMOVED':
      return `${detail} left out: recipients are named by the envelope alone`;
    case 'HEADER_NOT_KEPT':
      return `${detail} left out: the protocol carries at most five headers of your own`;
    case 'ATTACHMENT_UPLOADED':
      return `${detail} uploaded by itself: too large for one request`;
    case 'TEXT_PART_NOT_KEPT':
    case 'COPY_KEPT':
      return changeMeanings[code].replace(/\.$/, '');
    default:
      return code satisfies never;
  }
}

function isChange(code: string): code is keyof typeof changeMeanings {
  return Object.hasOwn(changeMeanings, code);
}

// "Cc: kim@example.com" names the header first.
function withoutColon(detail: string): string {
  return detail.replace(': ', ' ');
}
