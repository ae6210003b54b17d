/** What a scope lets Mailroom do, in words of the person who is asked for it. Pure. */
export interface RightWords {
  readonly scope: string;
  readonly words: string;
}

const known: Readonly<Record<string, string>> = {
  'Mail.Send': 'Send mail as this mailbox.',
  'Mail.Send.Shared': 'Send mail as mailboxes that this account may send as.',
  'Mail.ReadWrite':
    'Read and write the mail of this mailbox, to look up what was sent and to send large mails.',
  'Mail.ReadWrite.Shared': 'Read and write the mail of mailboxes that are shared with this account.',
  'SMTP.Send': 'Send mail as this mailbox by SMTP.',
  'EWS.AccessAsUser.All':
    'Read and write everything in this mailbox by Exchange Web Services, and send as it.',
  offline_access: 'Keep this access until it is withdrawn, without asking again.',
  openid: 'Know which account consents.',
  email: 'Know the address of the account.',
  profile: 'Know the name of the account.',
};

/** Every right that is asked for, exactly as it is asked for. */
export function rightWords(scopes: readonly string[]): RightWords[] {
  return scopes.map((scope) => ({ scope, words: wordsFor(scope) }));
}

function wordsFor(scope: string): string {
  if (scope === 'https://mail.google.com/' || scope === 'https://mail.google.com') {
    return 'Read, write, send and delete all mail of this mailbox; Google has no smaller right for SMTP.';
  }
  if (scope.endsWith('/.default')) {
    return 'The application rights that are granted to the app in its registration, for every mailbox they reach.';
  }
  const name = /^https:\/\/[^/]+\/(.+)$/.exec(scope)?.[1] ?? scope;
  return known[name] ?? 'A right that Mailroom has no words for; ask whoever sent you this.';
}
