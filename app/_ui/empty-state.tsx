import type { ReactNode } from 'react';

const drawings = {
  'nothing-yet': (
    <>
      <rect x="14.6" y="8.6" width="66" height="42" rx="2" strokeDasharray="3 3" />
      <path d="M15 10l33 24 33-24" strokeDasharray="3 3" />
    </>
  ),
  'nothing-matches': (
    <>
      <path d="M8 14.6h52M8 28.6h32M8 42.6h44" strokeDasharray="3 3" />
      <circle cx="70" cy="26" r="13" />
      <path d="M79.5 35.5 88 44" />
    </>
  ),
  'no-permission': (
    <>
      <rect x="30.6" y="24.6" width="35" height="26" rx="2" />
      <path d="M37 24v-7a11 11 0 0 1 22 0v7" />
      <path d="M8 37.6h14M74 37.6h14" strokeDasharray="3 3" />
    </>
  ),
};

/** Why nothing is here and the next step: nothing yet, nothing matches, or no permission. */
export function EmptyState({
  kind,
  title,
  children,
  actions,
}: {
  kind: keyof typeof drawings;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className="empty">
      <svg
        className="lines"
        viewBox="0 0 96 56"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.25"
        aria-hidden="true"
      >
        {drawings[kind]}
      </svg>
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {actions && <div className="acts">{actions}</div>}
    </div>
  );
}
