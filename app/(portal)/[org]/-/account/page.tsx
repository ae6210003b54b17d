import type { Metadata } from 'next';
import { PageHead } from '#app/_components/page-head.tsx';
import { PageCrumb } from '#app/_components/shell-context.tsx';
import { WorkArea } from '#app/_components/work-area.tsx';
import { requireContext } from '#app/_server/context.ts';
import { PasswordForm } from './password-form.tsx';

export const metadata: Metadata = { title: 'Account' };

/** What belongs to the signed-in person, in every organization alike. */
export default async function AccountPage({ params }: { params: Promise<{ org: string }> }) {
  const { org } = await params;
  const { actor } = await requireContext(org);
  const email = actor.kind === 'user' ? actor.email : '';
  return (
    <WorkArea>
      <PageCrumb label="Account" />
      <PageHead title="Account">Signed in as {email}.</PageHead>
      <PasswordForm organization={org} email={email} />
    </WorkArea>
  );
}
