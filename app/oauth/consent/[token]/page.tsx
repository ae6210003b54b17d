import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { DomainError } from '#lib/errors.ts';
import { openConsentLink, type OpenConsentLink } from '#lib/oauth/consent-links.ts';
import { portalServices } from '#app/_server/services.ts';
import { requestSource } from '#app/_server/source.ts';
import { Mono } from '#app/_ui/machine-words.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';
import { ConsentButtons } from './consent-buttons.tsx';

export const metadata: Metadata = { title: 'Consent', referrer: 'no-referrer' };

interface ConsentPageProps {
  params: Promise<{ token: string }>;
}

const providerWords = { microsoft: 'Microsoft', google: 'Google', other: 'the sign-in server' } as const;

export default async function ConsentPage({ params }: ConsentPageProps) {
  const { token } = await params;
  const link = await open(token);
  if (link === null) {
    return (
      <div className="my-auto grid gap-2">
        <h1>This link is closed</h1>
        <p className="text-text-2">
          It was used, has ended, or the settings behind it were changed. Ask whoever sent it for a new one.
        </p>
      </div>
    );
  }
  const provider = providerWords[link.provider];
  return (
    <div className="my-auto grid gap-5">
      <div>
        <h1>Let {link.organization} send mail</h1>
        <p className="mt-1 text-text-2">
          {link.askedBy} asks to send as <Mono>{link.mailbox}</Mono>. Nothing is sent before you agree at{' '}
          {provider}.
        </p>
      </div>
      <section aria-labelledby="rights">
        <h2 id="rights" className="text-sm font-semibold">
          What {provider} will ask you for
        </h2>
        <ul className="mt-2 divide-y divide-line rounded-md border border-line">
          {link.rights.map(({ scope, words }) => (
            <li key={scope} className="px-3 py-2">
              {words}
              <span className="mt-0.5 block text-xs break-all text-text-3">
                <Mono>{scope}</Mono>
              </span>
            </li>
          ))}
        </ul>
      </section>
      <ConsentButtons token={token} mailbox={link.mailbox} provider={link.provider} access={link.access} />
      <p className="text-xs text-text-3">
        This link works once, until <RelativeTime iso={link.expiresAt.toISOString()} style="clock" />. At{' '}
        {provider} the app has the ID <Mono>{link.clientId}</Mono>; you can withdraw your consent there at any
        time.
      </p>
    </div>
  );
}

async function open(token: string): Promise<OpenConsentLink | null> {
  try {
    return await openConsentLink(portalServices(), requestSource(await headers()), token);
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}
