import type { Metadata, Viewport } from 'next';
import { GeistMono } from 'geist/font/mono';
import { GeistSans } from 'geist/font/sans';
import { connection } from 'next/server';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import type { ReactNode } from 'react';
import { KeepTitle } from './_components/keep-title.tsx';
import { Toaster } from './_ui/toast.tsx';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'Mailroom', template: '%s · Mailroom' },
  description: 'The outgoing-mail control room for teams with many projects',
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1 };

/** Fonts, theme before first paint, URL state and toasts; nothing that needs a session. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  // Every page carries the nonce of its own request (proxy.ts), so none is made at build time.
  await connection();
  return (
    <html lang="en" className={`${GeistSans.variable} ${GeistMono.variable}`} suppressHydrationWarning>
      <head>
        {/* Blocking on purpose: the theme must stand before first paint. */}
        {/* oxlint-disable-next-line nextjs/no-sync-scripts */}
        <script src="/theme.js" />
      </head>
      <body>
        <NuqsAdapter>
          <div className="app-root">{children}</div>
          <Toaster />
          <KeepTitle />
        </NuqsAdapter>
      </body>
    </html>
  );
}
