import type { ServerResponse } from 'node:http';
import { type DatabaseTrouble, troubleWords } from '#lib/database-trouble.ts';

const titles: Readonly<Record<DatabaseTrouble, string>> = {
  away: 'The database cannot be reached',
  busy: 'The database is busy',
  read_only: 'The database is read-only',
  full: 'The disk of the database is full',
};

// Only the two files of the portal's own that need no database may run.
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Answers a request for a page with 503 and a page of its own: nothing of it needs the database, and it tries again. */
export function answerTrouble(response: ServerResponse, trouble: DatabaseTrouble): void {
  response.writeHead(503, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'retry-after': String(troubleWords[trouble].retryAfterSeconds),
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
  });
  response.end(page(titles[trouble]));
}

function page(title: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Mailroom</title>
<script src="/theme.js"></script>
<script src="/wait-for-database.js" defer></script>
<style>
:root { color-scheme: light; --page: #fff; --text: #1b1c1e; --quiet: #5c5f66; --edge: #c9ccd1; --red: #b3261e; }
[data-theme='dark'] { color-scheme: dark; --page: #141517; --text: #ececee; --quiet: #a3a6ad; --edge: #43464c; --red: #ff8a80; }
body { margin: 0; background: var(--page); color: var(--text); font: 400 14px/20px ui-sans-serif, system-ui, 'Segoe UI', Roboto, Arial, sans-serif; }
main { max-width: 480px; margin: 0 auto; padding: 20vh 24px 24px; }
svg { color: var(--red); }
h1 { margin: 12px 0 4px; font-size: 18px; line-height: 24px; font-weight: 600; }
p { margin: 0 0 12px; color: var(--quiet); }
a { display: inline-block; padding: 6px 12px; border: 1px solid var(--edge); border-radius: 6px; color: inherit; font-weight: 500; text-decoration: none; }
a:focus-visible { outline: 2px solid currentColor; outline-offset: 1px; }
</style>
</head>
<body>
<main>
<svg width="20" height="20" viewBox="0 0 14 14" fill="none" stroke="currentColor" stroke-width="1.25" aria-hidden="true"><ellipse cx="7" cy="3" rx="4.75" ry="1.75"/><path d="M2.25 3v8c0 1 2.1 1.75 4.75 1.75s4.75-.75 4.75-1.75V3M2.25 7c0 1 2.1 1.75 4.75 1.75S11.75 8 11.75 7"/></svg>
<h1>${title}</h1>
<p>Mail that was accepted is safe and goes out when the database is back. New mail is refused with 503 until then, so that callers keep it.</p>
<p role="status" id="state">This page tries again by itself every 3 seconds.</p>
<a href="">Try again</a>
</main>
</body>
</html>
`;
}
