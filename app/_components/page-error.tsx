'use client';

import { useRouter } from 'next/navigation';
import { startTransition, useEffect, useEffectEvent, useState } from 'react';
import { Button } from '../_ui/button.tsx';
import { EmptyState } from '../_ui/empty-state.tsx';
import { Mono } from '../_ui/machine-words.tsx';

export interface PageErrorProps {
  /** In production only the digest comes along; the log has the error under it. */
  readonly error: Error & { readonly digest?: string };
  readonly reset: () => void;
}

const lookEveryMs = 3000;

/** A page that could not be made: says so, names the log's reference, and offers to try again. */
export function PageError({ error, reset }: PageErrorProps) {
  const router = useRouter();
  const tryAgain = () =>
    startTransition(() => {
      router.refresh();
      reset();
    });
  const isAway = useDatabaseAway(tryAgain);
  const actions = <Button onClick={tryAgain}>Try again</Button>;
  return (
    <main id="main">
      {isAway ? (
        <EmptyState kind="nothing-matches" title="The database cannot be reached" actions={actions}>
          Mail that was accepted is safe. New mail is refused with 503 until the database is back, so that
          callers keep it. This page tries again by itself.
        </EmptyState>
      ) : (
        <EmptyState kind="nothing-matches" title="This page could not be shown" actions={actions}>
          Something went wrong on our side. Nothing was changed.
          {error.digest !== undefined && (
            <>
              {' '}
              The log has it under <Mono>{error.digest}</Mono>.
            </>
          )}
        </EmptyState>
      )}
    </main>
  );
}

/** Whether the database is away, asked again and again while it is; `onBack` is called when it answers again. */
function useDatabaseAway(onBack: () => void): boolean {
  const [isAway, setIsAway] = useState(false);
  const back = useEffectEvent(onBack);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const look = async (wasAway: boolean) => {
      const isAnswering = await databaseAnswers();
      if (isOver) return;
      if (isAnswering) {
        if (wasAway) back();
        return;
      }
      setIsAway(true);
      timer = setTimeout(() => void look(true), lookEveryMs);
    };
    void look(false);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, []);
  return isAway;
}

async function databaseAnswers(): Promise<boolean> {
  try {
    const answer = await fetch('/api/ready', { cache: 'no-store' });
    return answer.ok || !(await answer.text()).includes('"unreachable"');
  } catch {
    return false;
  }
}
