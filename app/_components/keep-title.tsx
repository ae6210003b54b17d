'use client';

import { useEffect } from 'react';

/**
 * Keeps the tab's title while one page follows another: Next takes the old one away a moment before the new one stands,
 * and the tab would show the bare address, and a reader would hear nothing.
 */
export function KeepTitle() {
  useEffect(() => {
    const kept = document.createElement('title');
    let last = document.title;
    const look = () => {
      const own = [...document.head.querySelectorAll('title')].find((title) => title !== kept);
      if (own === undefined) {
        if (kept.isConnected) return;
        kept.textContent = last;
        document.head.append(kept);
        // What was just written is no news: to answer it would never end.
        observer.takeRecords();
        return;
      }
      kept.remove();
      last = own.textContent;
    };
    const observer = new MutationObserver(look);
    observer.observe(document.head, { childList: true, subtree: true, characterData: true });
    return () => {
      observer.disconnect();
      kept.remove();
    };
  }, []);
  return null;
}
