/** What a person typed into a field of a limit. */
export type TypedNumber =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'blank' }
  | { readonly kind: 'unclear'; readonly message: string };

const grouped = /^\d{1,3}(?:[\s,.'’_]\d{3})+$/;
const plain = /^\d{1,9}$/;

/** "25,000" → 25000; blank is no limit. Zero passes: the verb says why it is refused. */
export function readTypedNumber(text: string): TypedNumber {
  const typed = text.trim();
  if (typed === '') return { kind: 'blank' };
  const digits = grouped.test(typed) ? typed.replaceAll(/\D/g, '') : typed;
  if (!plain.test(digits)) return { kind: 'unclear', message: 'This is a whole number, such as 25,000.' };
  return { kind: 'number', value: Number(digits) };
}
