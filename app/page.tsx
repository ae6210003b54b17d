import { redirect } from 'next/navigation';
import { paths } from '#lib/paths.ts';
import { EmptyState } from './_ui/empty-state.tsx';
import { findSession } from './_server/session.ts';

/** Leads to the reader's first organization. */
export default async function RootPage() {
  const session = await findSession();
  if (session === null) redirect(paths.signIn());
  const [first] = session.memberships;
  if (first !== undefined) redirect(paths.home(first.slug));
  return (
    <main id="main">
      <EmptyState kind="no-permission" title="You belong to no organization">
        {session.email} has an account but no organization. An owner of one can add you.
      </EmptyState>
    </main>
  );
}
