import type { Metadata } from 'next';
import { paths } from '#lib/paths.ts';
import { isSetupLinkOpen } from '#lib/sessions/claim-setup-link.ts';
import { portalServices } from '../../../_server/services.ts';
import { LinkButton } from '../../../_ui/button.tsx';
import { Mono } from '../../../_ui/machine-words.tsx';
import { SetupForm } from './setup-form.tsx';

export const metadata: Metadata = { title: 'Set up', referrer: 'no-referrer' };

interface SetupPageProps {
  params: Promise<{ token: string }>;
}

export default async function SetupPage({ params }: SetupPageProps) {
  const { token } = await params;
  if (await isSetupLinkOpen(portalServices(), token)) return <SetupForm token={token} />;
  return (
    <div className="my-auto grid gap-3.5">
      <h1>This link is closed</h1>
      <p className="text-text-2">
        It was used, or its 24 hours are over. If Mailroom is set up, sign in. If not, print a new link with{' '}
        <Mono>npm run mailroom -- setup-link</Mono> where Mailroom runs.
      </p>
      <LinkButton variant="primary" big href={paths.signIn()}>
        Sign in
      </LinkButton>
    </div>
  );
}
