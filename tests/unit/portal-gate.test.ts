import { expect, test } from 'vitest';
import { isForPage } from '#app/_server/database-gate.ts';

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

test.each([
  ['/', browser],
  ['/northwind/billing/messages?q=a.b', browser],
  ['/northwind/-/fleet', { rsc: '1', accept: '*/*' }],
  ['/sign-in?from=%2Fnorthwind', browser],
])('%s is a page', (url, headers) => {
  expect(isForPage({ method: 'GET', url, headers })).toBe(true);
});

test.each([
  ['GET', '/api/health', browser],
  ['GET', '/api/ready', { accept: '*/*' }],
  ['GET', '/_next/static/chunks/main.js', { accept: '*/*' }],
  ['GET', '/theme.js', { accept: '*/*' }],
  ['GET', '/wait-for-database.js?v=1', { accept: '*/*' }],
  ['GET', '/northwind/billing/backlog/file', { accept: 'application/zip' }],
  // A server action answers with words of its own.
  ['POST', '/northwind/billing', browser],
])('%s %s is none', (method, url, headers) => {
  expect(isForPage({ method, url, headers })).toBe(false);
});
