import { ChevronDown, Search } from 'lucide-react';
import type { ComponentPropsWithRef } from 'react';
import { cx } from './cx.ts';
import { Icon } from './icon.tsx';

type Voice = {
  /** Machine words: hosts, addresses, keys. */
  mono?: boolean | undefined;
  /** 28 px, for bars. */
  small?: boolean | undefined;
};

function boxClass(
  mono?: boolean,
  small?: boolean,
  invalid?: unknown,
  readOnly?: boolean,
  more?: string,
): string {
  return cx('in', mono && 'mono', small && 'sm', Boolean(invalid) && 'bad', readOnly && 'ro', more);
}

/** One line of text. */
export function TextInput({ mono, small, className, ...rest }: Voice & ComponentPropsWithRef<'input'>) {
  return (
    <input
      autoComplete="off"
      spellCheck={false}
      {...rest}
      className={boxClass(mono, small, rest['aria-invalid'], rest.readOnly, className)}
    />
  );
}

/** A whole number, typed as digits; never changed by the wheel. */
export function NumberInput({ small, className, ...rest }: Voice & ComponentPropsWithRef<'input'>) {
  return (
    <input
      inputMode="numeric"
      autoComplete="off"
      {...rest}
      type="text"
      className={boxClass(true, small, rest['aria-invalid'], rest.readOnly, className)}
    />
  );
}

/** Several lines of text. */
export function TextArea({ mono, className, rows = 4, ...rest }: Voice & ComponentPropsWithRef<'textarea'>) {
  return (
    <textarea
      {...rest}
      rows={rows}
      className={boxClass(mono, false, rest['aria-invalid'], rest.readOnly, className)}
    />
  );
}

/** A choice out of a list that is too long for a segmented control; children are `<option>`s. */
export function Select({ small, className, children, ...rest }: Voice & ComponentPropsWithRef<'select'>) {
  return (
    <span className={cx('sel', className)}>
      <select {...rest} className={boxClass(false, small, rest['aria-invalid'])}>
        {children}
      </select>
      <Icon icon={ChevronDown} />
    </span>
  );
}

/** The search box of a bar; `keys` shows the key that focuses it. */
export function SearchInput({
  label,
  keys,
  width = 168,
  ...rest
}: { label: string; keys?: string | undefined; width?: number | undefined } & Omit<
  ComponentPropsWithRef<'input'>,
  'width'
>) {
  return (
    <label className="in sm find-in" style={{ width }}>
      <Icon icon={Search} size={14} className="text-text-3" />
      <input placeholder="Search" autoComplete="off" spellCheck={false} aria-label={label} {...rest} />
      {keys && <kbd>{keys}</kbd>}
    </label>
  );
}
