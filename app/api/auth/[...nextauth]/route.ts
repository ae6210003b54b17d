import type { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { authOptions } from '../../../_server/session.ts';

interface AuthRouteContext {
  params: Promise<{ nextauth: string[] }>;
}

async function handle(request: NextRequest, context: AuthRouteContext): Promise<Response> {
  const response: unknown = await NextAuth(request, context, authOptions());
  if (response instanceof Response) return response;
  throw new TypeError('next-auth answers with a Response');
}

export { handle as GET, handle as POST };
