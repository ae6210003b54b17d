import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { z } from 'zod';
import { remedyFor } from '#lib/doctor/remedies.ts';
import { Mono } from '#app/_ui/machine-words.tsx';

export const metadata: Metadata = { title: 'Consent' };

interface DonePageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

const query = z.object({
  code: z
    .string()
    .regex(/^[a-zA-Z_]{1,80}$/)
    .catch(''),
});

/** What became of a consent, for people without an account here. The address holds a code and nothing else. */
export default async function DonePage({ searchParams }: DonePageProps) {
  const { code } = query.parse(await searchParams);
  const { title, text } = wordsFor(code);
  return (
    <div className="my-auto grid gap-2">
      <h1>{title}</h1>
      <p className="text-text-2">{text}</p>
    </div>
  );
}

interface DoneWords {
  readonly title: string;
  readonly text: ReactNode;
}

/** What whoever opened the link can do about it alone; the link is still open then. */
const ownWords: Readonly<Record<string, DoneWords>> = {
  given: {
    title: 'Thank you, that was all',
    text: 'Mail can be sent from this mailbox now. You can close this page.',
  },
  OAUTH_WRONG_ACCOUNT: {
    title: 'That was another account',
    text: 'Open the link again and sign in as the mailbox that it names. If the browser picks the account by itself, open the link in a private window.',
  },
  OAUTH_CONSENT_DENIED: {
    title: 'You did not consent',
    text: 'Nothing is sent from this mailbox. If you change your mind, open the link again.',
  },
  OAUTH_RIGHTS_MISSING: {
    title: 'A right is missing',
    text: 'Sending needs every right that the link names. Open it again and leave every box ticked.',
  },
  OAUTH_ADMIN_CONSENT_REQUIRED: {
    title: 'An administrator must consent',
    text: 'Send the link on to an administrator of your organization, who chooses the consent for the organization there.',
  },
  OAUTH_CONSENT_EXPIRED: {
    title: 'That took too long',
    text: 'The consent was used already, took too long or was begun in another browser. Open the link again and start anew.',
  },
};

/** The rest is for those who made the link: what happened, and the code to tell them. */
function wordsFor(code: string): DoneWords {
  const own = ownWords[code === '' ? 'OAUTH_CONSENT_EXPIRED' : code];
  if (own !== undefined) return own;
  return {
    title: 'The consent did not work',
    text: (
      <>
        {remedyFor(code).happened} Tell whoever sent you the link, with the code <Mono>{code}</Mono>.
      </>
    ),
  };
}
