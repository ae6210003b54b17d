import type { ReactNode } from 'react';
import { cx } from './cx.ts';
import { Glyph } from './glyph.tsx';
import {
  messageStateLooks,
  projectStateLooks,
  type ShownMessageState,
  type ShownProjectState,
  type StateLook,
} from './state-labels.ts';

/** A state as glyph and word. `quiet` mutes a loud one on a page that is all that state. */
export function Pill({
  look,
  quiet,
  children,
}: {
  look: StateLook;
  quiet?: boolean | undefined;
  children?: ReactNode;
}) {
  const loud = look.weight !== 'quiet' && !quiet;
  return (
    <span className={cx('pill', look.tone, loud && 'loud', loud && look.weight === 'outline' && 'out')}>
      <Glyph name={look.glyph} />
      {children ?? look.word}
    </span>
  );
}

export function MessageStatePill({ state, quiet }: { state: ShownMessageState; quiet?: boolean }) {
  return <Pill look={messageStateLooks[state]} quiet={quiet} />;
}

export function ProjectStatePill({ state, quiet }: { state: ShownProjectState; quiet?: boolean }) {
  return <Pill look={projectStateLooks[state]} quiet={quiet} />;
}

/** A small outlined word that is no state: a role, a version, a mode. */
export function Tag({ children }: { children: ReactNode }) {
  return <span className="tag">{children}</span>;
}
