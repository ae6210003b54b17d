/** Where to go after signing in: a path of this portal, never another site ("//host", "/\host", "https:…"). */
export function returnPath(wanted: string | readonly string[] | undefined): string {
  if (typeof wanted !== 'string' || !/^\/(?![/\\])[^\p{Cc}\\]*$/u.test(wanted)) return '/';
  return wanted.startsWith('/sign-in') ? '/' : wanted;
}
