import { Glyph } from './glyph.tsx';
import { formatDuration } from './format-number.ts';
import type { CSSProperties, ReactNode } from 'react';
import { cx } from './cx.ts';

export type TestStep = {
  name: string;
  state: 'done' | 'failed' | 'running' | 'todo' | 'skipped';
  /** Milliseconds since the start of the test. */
  startMs?: number | undefined;
  tookMs?: number | undefined;
};

type BarVars = CSSProperties & { '--a': number; '--w': number };

const glyphs = {
  done: <Glyph name="sent" tone="green" />,
  failed: <Glyph name="failed" tone="red" />,
  running: <Glyph name="sending" tone="ink" />,
  todo: <Glyph name="queued" tone="grey" />,
  skipped: <Glyph name="skipped" tone="grey" />,
} as const;

const words = {
  done: 'done',
  failed: 'failed',
  running: 'running',
  todo: 'not yet',
  skipped: 'skipped',
} as const;

/** A test's steps in the order they happen, as bars on one common time axis of `totalMs`. */
export function TestSteps({ steps, totalMs }: { steps: ReadonlyArray<TestStep>; totalMs: number }) {
  const scale = 100 / Math.max(1, totalMs);
  return (
    <ol className="steps" aria-live="polite">
      {steps.map((step) => {
        const drawn = step.startMs !== undefined && step.state !== 'todo' && step.state !== 'skipped';
        const bar: BarVars = { '--a': (step.startMs ?? 0) * scale, '--w': (step.tookMs ?? 0) * scale };
        return (
          <li
            key={step.name}
            className={cx(
              'step',
              step.state === 'failed' && 'bad',
              (step.state === 'todo' || step.state === 'skipped') && 'todo',
            )}
          >
            {glyphs[step.state]}
            <span>
              {step.name}
              <span className="sr-only">, {words[step.state]}</span>
            </span>
            <span className="track">{drawn && <i style={bar} />}</span>
            <span className="ms">{step.tookMs === undefined ? '' : formatDuration(step.tookMs)}</span>
          </li>
        );
      })}
    </ol>
  );
}

/** The end of a failed test: what failed with its stable code, the server's words, and what to do. */
export function TestVerdict({
  title,
  code,
  said,
  remedy,
  actions,
}: {
  title: string;
  code: ReactNode;
  said?: string | undefined;
  remedy: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className="verdict">
      <div>
        <b className="font-medium">{title}</b>
        <div className="row mt-0.5 text-xs text-text-3">{code}</div>
      </div>
      {said && (
        <div className="said">
          <p className="mb-0.5 text-xs text-red-text">The server said</p>
          <p className="mono wrap-anywhere text-red-text">{said}</p>
        </div>
      )}
      <div>
        <p className="mb-0.5 text-xs text-text-3">What to do</p>
        <p>{remedy}</p>
        {actions && <div className="row mt-2 flex-wrap">{actions}</div>}
      </div>
    </div>
  );
}
