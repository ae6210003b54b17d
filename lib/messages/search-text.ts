/** A subject as search reads it: words of letters and digits only, so that "[SD-48207]" is found by "48207". */
export function searchableText(text: string): string {
  return text.replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, ' ').trim();
}

/** The words of a search as a `to_tsquery` of prefixes; null when there is no word in it. */
export function searchQuery(text: string): string | null {
  const words = searchableText(text)
    .split(' ')
    .filter((word) => word !== '');
  return words.length === 0 ? null : words.map((word) => `'${word}':*`).join(' & ');
}

/**
 * The same with all words but the last whole, as somebody types them. A prefix that begins words of most mails would
 * have the index gather all of those, however few the other words leave.
 */
export function typedQuery(text: string): string | null {
  const words = searchableText(text)
    .split(' ')
    .filter((word) => word !== '');
  if (words.length === 0) return null;
  return words.map((word, at) => (at === words.length - 1 ? `'${word}':*` : `'${word}'`)).join(' & ');
}
