import Link from 'next/link';
import type { ReactNode } from 'react';

export type Need = {
  key: string;
  glyph: ReactNode;
  project: string;
  href: string;
  /** The bold sentence. */
  title: ReactNode;
  detail?: ReactNode;
  since?: ReactNode;
  action?: ReactNode;
};

/** Rows of what waits for a person: project, sentence, since when, one button. */
export function NeedsList({ needs }: { needs: ReadonlyArray<Need> }) {
  return (
    <ul className="needs">
      {needs.map((need) => (
        <li key={need.key}>
          {need.glyph}
          <Link className="who" href={need.href}>
            {need.project}
          </Link>
          <span className="what">
            <b>{need.title}</b> {need.detail}
          </span>
          <span className="when">{need.since}</span>
          {need.action}
        </li>
      ))}
    </ul>
  );
}
