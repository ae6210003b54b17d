import { useId, type ReactNode } from 'react';
import { cx } from './cx.ts';

/** One concern of a form: a head with its name, then rows of fields. Never inside another card. */
export function Card({
  title,
  note,
  actions,
  danger,
  padded,
  children,
}: {
  title: string;
  note?: ReactNode;
  actions?: ReactNode;
  danger?: boolean | undefined;
  /** For content that is not made of field rows. */
  padded?: boolean | undefined;
  children?: ReactNode;
}) {
  const id = useId();
  return (
    <section className={cx('card', danger && 'border-red-line')} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {note && <p>{note}</p>}
        {actions && <div className="acts">{actions}</div>}
      </header>
      {children && <div className={padded ? 'px-4 py-3' : 'body'}>{children}</div>}
    </section>
  );
}
