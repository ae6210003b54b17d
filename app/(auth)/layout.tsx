import { connection } from 'next/server';
import type { ReactNode } from 'react';
import { ThemeToggle } from '../_components/theme-toggle.tsx';
import { portalEnvironment, portalServices } from '../_server/services.ts';
import { portalVersion } from '../_server/version.ts';
import { Postmark } from './postmark.tsx';

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** The door: a form on the left, a postmark on the right. */
export default async function DoorLayout({ children }: { children: ReactNode }) {
  await connection();
  const now = portalServices().clock.now();
  const day = `${now.getUTCDate()} ${months[now.getUTCMonth()] ?? ''} ${now.getUTCFullYear()}`;
  return (
    <div className="door">
      <main className="in-side" id="main">
        <div className="row font-semibold">
          <span className="mark" />
          Mailroom
          <span className="ml-auto">
            <ThemeToggle />
          </span>
        </div>
        {children}
        <p className="text-xs text-text-3">
          Version <span className="mono">{portalVersion}</span>
        </p>
      </main>
      <Postmark
        host={new URL(portalEnvironment().portalUrl).hostname}
        day={day}
        minute={now.toISOString().slice(11, 16)}
      />
    </div>
  );
}
