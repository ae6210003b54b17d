import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { DomainError } from '#lib/errors.ts';
import { openConsentLink, type OpenConsentLink } from '#lib/oauth/consent-links.ts';
import { portalServices } from '#app/_server/services.ts';
import { requestSource } from '#app/_server/source.ts';
import { Mono } from '#app/_ui/machine-words.tsx';
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
      <div className="my-auto grid gap-3.5">
        <h1>This link is closed</h1>
        <p className="text-text-2">
          It was used, has ended, or the settings behind it were changed. Ask whoever sent it for a new one.
        </p>
      </div>
    );
  }
  return (
    <div className="my-auto grid gap-3.5">
      <div>
        <h1>Let {link.organization} send mail</h1>
        <p className="mt-0.5 text-text-2">
          {link.askedBy} asks for the mailbox <Mono>{link.mailbox}</Mono>. Nothing is sent before you agree at{' '}
          {providerWords[link.provider]}.
        </p>
      </div>
      <section aria-labelledby="rights">
        <h2 id="rights" className="text-sm">
          What {providerWords[link.provider]} will ask you for
        </h2>
        <ul className="mt-1.5 grid gap-2">
          {link.rights.map(({ scope, words }) => (
            <li key={scope}>
              {words}
              <br />
              <span className="text-xs text-text-3">
                <Mono>{scope}</Mono>
              </span>
            </li>
          ))}
        </ul>
      </section>
      <p className="text-xs text-text-3">
        The app is <Mono>{link.clientId}</Mono>. This link works once, until{' '}
        {link.expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC. You can withdraw your consent at{' '}
        {providerWords[link.provider]} at any time.
      </p>
      <ConsentButtons token={token} mailbox={link.mailbox} provider={link.provider} access={link.access} />
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
