'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';

export type LiveState = 'off' | 'connecting' | 'live' | 'lost' | 'database_away';

const refreshAtMostEveryMs = 1000;

/**
 * Listens to a server-sent event stream; any message makes the page fetch its data again, at most once a second and
 * only while the tab is visible. The browser reconnects by itself; `lost` lasts until it has. A `database` event says
 * "away" or "back": meanwhile the old page stays as it is.
 */
export function useLive(href: string | undefined): LiveState {
  const router = useRouter();
  const [state, setState] = useState<LiveState>(href === undefined ? 'off' : 'connecting');
  useEffect(() => {
    if (href === undefined) return undefined;
    const source = new EventSource(href);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let missed = false;
    const refresh = () => {
      if (document.hidden) {
        missed = true;
        return;
      }
      timer ??= setTimeout(() => {
        timer = undefined;
        router.refresh();
      }, refreshAtMostEveryMs);
    };
    const onVisible = () => {
      if (document.hidden || !missed) return;
      missed = false;
      refresh();
    };
    source.addEventListener('open', () => {
      setState('live');
      // What changed between the making of this page and now was told to nobody here.
      refresh();
    });
    source.addEventListener('error', () => setState('lost'));
    source.addEventListener('message', refresh);
    source.addEventListener('database', (event: MessageEvent<unknown>) => {
      setState(event.data === 'away' ? 'database_away' : 'live');
      if (event.data !== 'away') refresh();
    });
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      source.close();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [href, router]);
  return state;
}
