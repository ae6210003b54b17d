import type { Services } from '#lib/context.ts';

export interface FirstSteps {
  /** The demo's sign-in, where this installation has a demo. */
  readonly signIn: { readonly email: string; readonly password: string } | null;
  /** The one-time link that makes the first owner, where there is nobody yet. */
  readonly setupLink: string | null;
}

export async function prepareFirstUse(
  _services: Services,
  _options: { dataFolder: string; inboxPort: number | null; say: (line: string) => void },
): Promise<FirstSteps> {
  return { signIn: null, setupLink: null };
}
