import type { Metadata } from 'next';
import { connection } from 'next/server';
import { paths } from '#lib/paths.ts';
import { LinkButton } from './_ui/button.tsx';
import { EmptyState } from './_ui/empty-state.tsx';

export const metadata: Metadata = { title: 'Not found' };

/** Rendered per request, because its scripts need the request's nonce. */
export default async function NotFound() {
  await connection();
  return (
    <main id="main" className="p-gutter">
      <EmptyState
        kind="nothing-matches"
        title="There is no such page"
        actions={<LinkButton href={paths.root()}>Go home</LinkButton>}
      >
        The address is wrong, or what was here is not yours to see.
      </EmptyState>
    </main>
  );
}
