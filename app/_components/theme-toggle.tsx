'use client';

import { Moon, Sun } from 'lucide-react';
import { Icon } from '../_ui/icon.tsx';

/** Switches light and dark and remembers it in this browser (read before first paint by /theme.js). */
function switchTheme(): void {
  const root = document.documentElement;
  const next = root.dataset['theme'] === 'dark' ? 'light' : 'dark';
  root.dataset['theme'] = next;
  localStorage.setItem('theme', next);
}

export function ThemeToggle() {
  return (
    <button
      type="button"
      className="theme-toggle"
      aria-label="Switch theme"
      title="Switch theme"
      onClick={switchTheme}
    >
      <Icon icon={Moon} size={14} className="dark:hidden" />
      <Icon icon={Sun} size={14} className="hidden dark:block" />
    </button>
  );
}
