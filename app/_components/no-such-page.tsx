import { paths } from '#lib/paths.ts';
import { LinkButton } from '../_ui/button.tsx';
import { EmptyState } from '../_ui/empty-state.tsx';

/** Nothing stands at this address, or nothing that the reader may see: both read alike. */
export function NoSuchPage() {
  return (
    <main id="main">
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
