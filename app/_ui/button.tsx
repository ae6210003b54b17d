import type { LucideIcon } from 'lucide-react';
import Link from 'next/link';
import type { ComponentPropsWithRef, ReactNode } from 'react';
import { cx } from './cx.ts';
import { Icon } from './icon.tsx';

export type ButtonVariant = 'default' | 'primary' | 'quiet' | 'danger' | 'quiet-danger' | 'lead';

type ButtonLook = {
  variant?: ButtonVariant | undefined;
  /** 28 px in bars and rows, 32 px ("big") in forms, dialogs and page heads. */
  big?: boolean | undefined;
  icon?: LucideIcon | undefined;
  /** The key that does the same, shown at the end. */
  keys?: string | undefined;
};

const variants: Record<ButtonVariant, string> = {
  default: '',
  primary: 'primary',
  quiet: 'ghost',
  danger: 'danger',
  'quiet-danger': 'ghost danger',
  lead: 'lead',
};

function lookClass({ variant = 'default', big }: ButtonLook, className?: string): string {
  return cx('btn', variants[variant], big && 'big', className);
}

function Inside({
  icon,
  keys,
  children,
}: {
  icon?: LucideIcon | undefined;
  keys?: string | undefined;
  children: ReactNode;
}) {
  return (
    <>
      {icon && <Icon icon={icon} size={14} />}
      {children}
      {keys && <kbd>{keys}</kbd>}
    </>
  );
}

type ButtonProps = ButtonLook &
  Omit<ComponentPropsWithRef<'button'>, 'disabled'> & {
    /** Said instead of the label while the work runs; the button takes no second press. */
    pending?: string | false | undefined;
    /** Why it cannot be pressed now; shown on hover and read out. */
    why?: string | false | undefined;
  };

/** A button; without `type` it never submits a form. */
export function Button({
  variant,
  big,
  icon,
  keys,
  pending,
  why,
  className,
  children,
  type = 'button',
  onClick,
  ...rest
}: ButtonProps) {
  const blocked = Boolean(pending) || Boolean(why);
  return (
    <button
      {...rest}
      type={blocked ? 'button' : type}
      className={lookClass({ variant, big }, className)}
      {...(blocked ? { 'aria-disabled': true } : onClick ? { onClick } : {})}
      {...(pending ? { 'aria-busy': true } : {})}
      {...(why ? { title: why, 'aria-description': why } : {})}
    >
      <Inside icon={icon} keys={keys}>
        {pending || children}
      </Inside>
    </button>
  );
}

/** A link that looks like a button: for going somewhere. */
export function LinkButton({
  variant,
  big,
  icon,
  keys,
  className,
  children,
  ...rest
}: ButtonLook & ComponentPropsWithRef<typeof Link>) {
  return (
    <Link {...rest} className={lookClass({ variant, big }, className)}>
      <Inside icon={icon} keys={keys}>
        {children}
      </Inside>
    </Link>
  );
}

type IconButtonLook = { icon: LucideIcon; label: string; variant?: ButtonVariant | undefined };

/** A square button with an icon only; `label` is its name. */
export function IconButton({
  icon,
  label,
  variant = 'quiet',
  className,
  type = 'button',
  ...rest
}: IconButtonLook & Omit<ComponentPropsWithRef<'button'>, 'aria-label' | 'children'>) {
  return (
    <button
      {...rest}
      type={type}
      aria-label={label}
      title={label}
      className={lookClass({ variant }, cx('icon', className))}
    >
      <Icon icon={icon} />
    </button>
  );
}

/** A square link with an icon only. */
export function IconLink({
  icon,
  label,
  variant = 'quiet',
  className,
  ...rest
}: IconButtonLook & Omit<ComponentPropsWithRef<typeof Link>, 'aria-label' | 'children'>) {
  return (
    <Link
      {...rest}
      aria-label={label}
      title={label}
      className={lookClass({ variant }, cx('icon', className))}
    >
      <Icon icon={icon} />
    </Link>
  );
}
