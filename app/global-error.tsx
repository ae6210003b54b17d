'use client';

import { PageError, type PageErrorProps } from './_components/page-error.tsx';
import './globals.css';

/** Stands in for the root layout when that itself has failed. */
export default function GlobalError(props: PageErrorProps) {
  return (
    <html lang="en">
      <body>
        <PageError {...props} />
      </body>
    </html>
  );
}
