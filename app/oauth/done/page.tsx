import type { Metadata } from 'next';
import { z } from 'zod';
import { remedyFor } from '#lib/doctor/remedies.ts';

export const metadata: Metadata = { title: 'Consent' };

interface DonePageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

const query = z.object({ code: z.string().max(80).catch('') });

/** What became of a consent, for people without an account here. The address holds a code and nothing else. */
export default async function DonePage({ searchParams }: DonePageProps) {
  const { code } = query.parse(await searchParams);
  const { title, text } = wordsFor(code);
  return (
    <div className="my-auto grid gap-3.5">
      <h1>{title}</h1>
      <p className="text-text-2">{text}</p>
    </div>
  );
}

function wordsFor(code: string): { title: string; text: string } {
  if (code === 'given') {
    return {
      title: 'Thank you, that was all',
      text: 'Mail can be sent from this mailbox now. You can close this page.',
    };
  }
  const { happened, todo } = remedyFor(code);
  return { title: 'The consent did not work', text: `${happened} ${todo}` };
}
