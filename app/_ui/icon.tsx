import type { LucideIcon } from 'lucide-react';
import { cx } from './cx.ts';

/** A line icon beside a word: 16 px (14 or 12 where small), stroke 1.75, hidden from readers. */
export function Icon({
  icon: Drawing,
  size = 16,
  className,
}: {
  icon: LucideIcon;
  size?: 12 | 14 | 16;
  className?: string | undefined;
}) {
  return (
    <Drawing
      className={cx('i', size !== 16 && `i-${size}`, className)}
      strokeWidth={1.75}
      aria-hidden="true"
    />
  );
}
