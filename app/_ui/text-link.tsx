import Link from 'next/link';
import type { ComponentPropsWithRef } from 'react';
import { cx } from './cx.ts';

/** A link inside a sentence, in the accent colour. */
export function TextLink({ className, ...rest }: ComponentPropsWithRef<typeof Link>) {
  return <Link {...rest} className={cx('link', className)} />;
}
