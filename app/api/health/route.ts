/** Alive: this process answers. Says nothing about what it needs; that is /api/ready. */
export function GET(): Response {
  return Response.json({ status: 'ok' });
}
