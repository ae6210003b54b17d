import { z } from 'zod';
import type { PresentedError } from '#app/_server/present-error.ts';

/** Who saved first, so that the form's version is no longer the current one; version null: the settings were cleared. */
const conflict = z.object({
  version: z.number().nullable(),
  savedBy: z.string().optional(),
  savedAt: z.string().optional(),
});
export type Conflict = z.infer<typeof conflict>;

/** How much of the project's mail is under way, counted up to a bound (PRODUCT 2.12). */
const active = z.object({ sending: z.number(), waiting: z.number(), countedAtMost: z.number() });
export type ActiveSending = z.infer<typeof active>;

/** What the form does about a refused save. */
export type Refusal =
  | { readonly kind: 'fields'; readonly error: PresentedError }
  | { readonly kind: 'secrets'; readonly error: PresentedError }
  | { readonly kind: 'conflict'; readonly conflict: Conflict }
  | { readonly kind: 'sending'; readonly active: ActiveSending }
  | { readonly kind: 'other'; readonly message: string };

export function readRefusal(error: PresentedError): Refusal {
  const { code } = error;
  if (code === 'secret_required') return { kind: 'secrets', error };
  if (code === 'version_conflict') return { kind: 'conflict', conflict: conflict.parse(error.data) };
  if (code === 'sending_active') return { kind: 'sending', active: active.parse(error.data) };
  if (error.issues.length > 0) return { kind: 'fields', error };
  return { kind: 'other', message: error.message };
}
