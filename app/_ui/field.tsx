import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './cx.ts';
import { Icon } from './icon.tsx';

/** What a control must carry so that its label, help and error are read with it. */
type FieldAria = {
  id: string;
  'aria-describedby'?: string;
  'aria-invalid'?: true;
};

export type FieldShell = {
  /** Unique on the page; the control gets it, help and error derive theirs from it. */
  id: string;
  label: string;
  optional?: boolean | undefined;
  help?: ReactNode;
  error?: string | undefined;
  /** Shows a dot beside the label: changed and not yet saved. */
  dirty?: boolean | undefined;
  /** For a set of radios or switches, which a label cannot point at. */
  group?: boolean | undefined;
};

/** A row of a form card: label column of 156 px, the control, help and error under it. */
export function Field({
  id,
  label,
  optional,
  help,
  error,
  dirty,
  group,
  children,
}: FieldShell & { children: (aria: FieldAria) => ReactNode }) {
  const described = [error && `${id}-error`, help && `${id}-help`].filter(Boolean).join(' ');
  const aria: FieldAria = {
    id,
    ...(described ? { 'aria-describedby': described } : {}),
    ...(error ? { 'aria-invalid': true } : {}),
  };
  const words = (
    <>
      {label}
      {dirty && <span className="sr-only">, changed</span>}
      {optional && <small>optional</small>}
    </>
  );
  return (
    <div className={cx('fld', dirty && 'dirty')}>
      {group ? (
        <span className="lb" id={`${id}-label`}>
          {words}
        </span>
      ) : (
        <label htmlFor={id}>{words}</label>
      )}
      <div>
        {children(aria)}
        {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
        {help && (
          <p className="help" id={`${id}-help`}>
            {help}
          </p>
        )}
      </div>
    </div>
  );
}

/** One sentence that names what is wrong, in red with a glyph. */
export function FieldError({ id, children }: { id?: string | undefined; children: ReactNode }) {
  return (
    <p className="err" id={id}>
      <Icon icon={CircleAlert} size={12} />
      <span>{children}</span>
    </p>
  );
}
