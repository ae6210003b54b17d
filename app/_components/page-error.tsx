'use client';

import { useRouter } from 'next/navigation';
import { startTransition } from 'react';
import { Button } from '../_ui/button.tsx';
import { EmptyState } from '../_ui/empty-state.tsx';
import { Mono } from '../_ui/machine-words.tsx';

export interface PageErrorProps {
  /** In production only the digest comes along; the log has the error under it. */
  readonly error: Error & { readonly digest?: string };
  readonly reset: () => void;
}

/** A page that could not be made: says so, names the log's reference, and offers to try again. */
export function PageError({ error, reset }: PageErrorProps) {
  const router = useRouter();
  const tryAgain = () =>
    startTransition(() => {
      router.refresh();
      reset();
    });
  return (
    <main id="main">
      <EmptyState
        kind="nothing-matches"
        title="This page could not be shown"
        actions={<Button onClick={tryAgain}>Try again</Button>}
      >
        Something went wrong on our side, or the database does not answer. Nothing was changed.
        {error.digest !== undefined && (
          <>
            {' '}
            The log has it under <Mono>{error.digest}</Mono>.
          </>
        )}
      </EmptyState>
    </main>
  );
}
