import type { ReactNode } from 'react';
import { cx } from './cx.ts';

/** A host, address, id, header or key name inside a sentence. */
export function Mono({ children, className }: { children: ReactNode; className?: string }) {
  return <span className={cx('mono', className)}>{children}</span>;
}

/** What a machine said, as it said it. */
export function CodeBlock({ children }: { children: ReactNode }) {
  return <pre className="code">{children}</pre>;
}

export type DialogueLine = {
  /** Milliseconds since the start. */
  atMs: number;
  from: 'us' | 'them' | 'note';
  text: string;
  bad?: boolean | undefined;
};

const arrows = { us: '→', them: '←', note: '·' } as const;
const speakers = { us: 'Mailroom', them: 'Server', note: 'Note' } as const;

/** The protocol dialogue, line by line with its times; secrets are already hidden in the text. */
export function Dialogue({ lines }: { lines: ReadonlyArray<DialogueLine> }) {
  return (
    <div className="talk">
      {lines.map((line, at) => (
        <div key={at} className={cx(line.bad && 'bad')}>
          <time>{Math.round(line.atMs)}</time>
          <span className="c" aria-hidden="true">
            {arrows[line.from]}
          </span>
          <span className={line.from === 'us' ? 'us' : 'them'}>
            <span className="sr-only">{speakers[line.from]}: </span>
            {line.text}
          </span>
        </div>
      ))}
    </div>
  );
}
