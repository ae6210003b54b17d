import type { ReactNode } from 'react';

/** A page's title, one sentence, and its actions with at most one primary button. */
export function PageHead({
  title,
  children,
  actions,
}: {
  title: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className="head">
      <div className="min-w-0">
        <h1>{title}</h1>
        {children && <p>{children}</p>}
      </div>
      {actions && <div className="acts">{actions}</div>}
    </div>
  );
}

/** The head of a section on the sheet, 40 px: name, a quiet word, actions. */
export function SectionHead({
  id,
  title,
  note,
  actions,
  ruled,
}: {
  id?: string | undefined;
  title: string;
  note?: ReactNode;
  actions?: ReactNode;
  /** A hairline above. */
  ruled?: boolean | undefined;
}) {
  return (
    <div className={ruled ? 'sec border-t border-line' : 'sec'}>
      <h2 id={id}>{title}</h2>
      {note && <span className="text-text-3">{note}</span>}
      {actions && <div className="acts">{actions}</div>}
    </div>
  );
}
