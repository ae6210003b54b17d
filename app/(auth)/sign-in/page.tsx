import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { Mono } from '../../_ui/machine-words.tsx';
import { portalEnvironment } from '../../_server/services.ts';
import { findSession } from '../../_server/session.ts';
import { returnPath } from './return-path.ts';
import { SignInForm } from './sign-in-form.tsx';

export const metadata: Metadata = { title: 'Sign in' };

interface SignInPageProps {
  searchParams: Promise<{ from?: string | string[] }>;
}

export default async function SignInPage({ searchParams }: SignInPageProps) {
  const next = returnPath((await searchParams).from);
  if ((await findSession()) !== null) redirect(next);
  const { portalUrl, isDemo, inboxFolder } = portalEnvironment();
  return (
    <SignInForm next={next} isDemo={isDemo && inboxFolder !== null}>
      on <Mono>{new URL(portalUrl).host}</Mono>
    </SignInForm>
  );
}
