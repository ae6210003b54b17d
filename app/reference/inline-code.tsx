import { Mono } from '../_ui/machine-words.tsx';

/** A sentence whose words in backticks are machine words. */
export function InlineCode({ text }: { text: string }) {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? <Mono key={`${index}${part}`}>{part}</Mono> : part));
}
