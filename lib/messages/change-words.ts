import type { MailChange } from '../transports/contract.ts';

/** What had to be changed in a mail for its protocol, as people read it (PRODUCT 4.9). Pure, for the browser too. */
export function changeWords({ code, detail }: MailChange): string {
  switch (code) {
    case 'HEADER_RECIPIENT_REMOVED':
      return `${withoutColon(detail)} left out: outside the envelope`;
    case 'HEADER_REMOVED':
      return `${detail} left out: recipients are named by the envelope alone`;
    case 'HEADER_NOT_KEPT':
      return `${detail} left out: the protocol carries at most five headers of your own`;
    case 'TEXT_PART_NOT_KEPT':
      return 'Plain text left out: the protocol carries one text, and HTML was kept';
    case 'ATTACHMENT_UPLOADED':
      return `${detail} uploaded by itself: too large for one request`;
    default:
      return `${code.replaceAll('_', ' ').toLowerCase()}: ${detail}`;
  }
}

// "Cc: kim@example.com" names the header first.
function withoutColon(detail: string): string {
  return detail.replace(': ', ' ');
}
