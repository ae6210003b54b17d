import type { Metadata } from 'next';
import { connection } from 'next/server';
import { NoSuchPage } from './_components/no-such-page.tsx';

export const metadata: Metadata = { title: 'Not found' };

/** Rendered per request, because its scripts need the request's nonce. */
export default async function NotFound() {
  await connection();
  return <NoSuchPage />;
}
