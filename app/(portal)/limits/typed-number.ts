/** What a person typed into a field of a limit. */
export type TypedNumber =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'blank' }
  | { readonly kind: 'unclear'; readonly message: string };

const groupMarks = /[\s,.'’_]/g;

/** "25,000" → 25000; blank is no limit. Zero passes: the verb says why it is refused. */
export function readTypedNumber(text: string): TypedNumber {
  const digits = text.replaceAll(groupMarks, '');
  if (digits === '') return { kind: 'blank' };
  if (!/^\d{1,9}$/.test(digits))
    return { kind: 'unclear', message: 'This is a whole number, such as 25,000.' };
  return { kind: 'number', value: Number(digits) };
}
