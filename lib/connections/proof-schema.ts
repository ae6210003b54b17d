import { z } from 'zod';

const certificate = z.object({ subject: z.string(), issuer: z.string(), endsAt: z.iso.datetime() });

const wayProof = z.object({
  ok: z.boolean(),
  failure: z
    .object({
      fault: z.object({
        stage: z.string(),
        code: z.string(),
        reply: z.object({ text: z.string() }).nullable(),
      }),
    })
    .nullable(),
  certificate: certificate.nullable(),
});

/** What of a stored proof the page shows. */
export const storedProof = z.object({ primary: wayProof, alternate: wayProof.nullable() });
export type StoredProof = z.output<typeof storedProof>;

type FailedWay = {
  readonly way: 'primary' | 'alternate';
  readonly code: string;
  readonly reply: string | null;
};

interface ProvedWay {
  readonly failure: {
    readonly fault: { readonly code: string; readonly reply: { readonly text: string } | null };
  } | null;
}

/** What failed first: the primary, else the alternate; null where both work. */
export function failedWay(proof: Record<'primary' | 'alternate', ProvedWay | null>): FailedWay | null {
  for (const way of ['primary', 'alternate'] as const) {
    const fault = proof[way]?.failure?.fault ?? null;
    if (fault !== null) return { way, code: fault.code, reply: fault.reply?.text ?? null };
  }
  return null;
}
