import type { ReactNode } from 'react';
import { cx } from './cx.ts';

const ring = <circle cx="7" cy="7" r="5.25" fill="none" stroke="currentColor" strokeWidth="1.5" />;
const disc = 'M7 1a6 6 0 1 1 0 12A6 6 0 0 1 7 1Z';

function stroke(d: string, width: number): ReactNode {
  return (
    <path
      d={d}
      fill="none"
      stroke="currentColor"
      strokeWidth={width}
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  );
}

/** State drawings on a 14 px grid; state is always a glyph and a word. */
const drawings = {
  queued: (
    <circle
      cx="7"
      cy="7"
      r="5.25"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeDasharray="1.9 1.4"
    />
  ),
  sending: (
    <>
      {ring}
      {stroke('M4.6 7h4.6M7.2 4.9 9.3 7 7.2 9.1', 1.4)}
    </>
  ),
  retrying: (
    <>
      {stroke('M12.25 7A5.25 5.25 0 1 1 10.4 3', 1.5)}
      {stroke('M10.9.8v2.7H8.2', 1.5)}
    </>
  ),
  sent: stroke('M2.6 7.6 5.6 10.5 11.4 4', 1.7),
  failed: (
    <path
      fillRule="evenodd"
      d={`${disc}M4.35 5.4 5.95 7l-1.6 1.6 1.05 1.05L7 8.05l1.6 1.6 1.05-1.05L8.05 7l1.6-1.6L8.6 4.35 7 5.95l-1.6-1.6Z`}
    />
  ),
  backlog: <path fillRule="evenodd" d={`${disc}M4.6 4.4v5.2h1.6V4.4Zm3.2 0v5.2h1.6V4.4Z`} />,
  suspended: (
    <>
      <rect
        x="1.75"
        y="1.75"
        width="10.5"
        height="10.5"
        rx="2.2"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
      />
      {stroke('M4.4 7h5.2', 1.5)}
    </>
  ),
  cancelled: (
    <>
      {ring}
      <path d="m3.6 10.4 6.8-6.8" stroke="currentColor" strokeWidth="1.5" />
    </>
  ),
  captured: stroke(
    'M1.75 7.5h3l1 1.75h2.5l1-1.75h3M3.1 2.5h7.8l1.35 5v3.25a1 1 0 0 1-1 1H2.75a1 1 0 0 1-1-1V7.5Z',
    1.4,
  ),
  uncertain: (
    <>
      <path
        fillRule="evenodd"
        d={`${disc}M4.75 5.5a2.25 2.25 0 1 1 3.3 2c-.3.17-.4.3-.4.6v.3h-1.3v-.4c0-.8.4-1.25 1.05-1.6a.95.95 0 1 0-1.35-.9Zm1.5 3.6h1.5v1.5h-1.5Z`}
      />
    </>
  ),
  expired: (
    <>
      {ring}
      {stroke('M7 4.2V7l1.9 1.3', 1.4)}
    </>
  ),
  ok: <circle cx="7" cy="7" r="3.5" />,
  idle: <circle cx="7" cy="7" r="3.1" fill="none" stroke="currentColor" strokeWidth="1.4" />,
  alternate: (
    <>
      {stroke('M1.6 4.2h2.2c3.4 0 3 5.6 6.4 5.6h1.6M9.9 7.6l2.2 2.2-2.2 2.2', 1.5)}
      <path
        d="M8 4.2h4"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeDasharray=".1 2.4"
      />
    </>
  ),
  paused: (
    <>
      {ring}
      {stroke('M5.5 5v4M8.5 5v4', 1.4)}
    </>
  ),
  soon: (
    <>
      <path
        d="M7 1.4 12.8 12H1.2Z"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinejoin="round"
      />
      {stroke('M7 5.4v3', 1.5)}
      <circle cx="7" cy="10.1" r=".8" />
    </>
  ),
  archived: stroke('M1.75 2.5h10.5v2.6H1.75ZM2.75 5.1v6.4h8.5V5.1M5.6 7.6h2.8', 1.4),
  skipped: stroke('M3.5 7h7', 1.6),
  database: stroke(
    'M2.25 3.4a4.75 1.9 0 1 0 9.5 0a4.75 1.9 0 1 0-9.5 0v7.2c0 1 2.1 1.9 4.75 1.9s4.75-.9 4.75-1.9V3.4M2.25 7c0 1 2.1 1.9 4.75 1.9s4.75-.9 4.75-1.9',
    1.4,
  ),
} as const satisfies Record<string, ReactNode>;

export type GlyphName = keyof typeof drawings;
export type GlyphTone = 'grey' | 'ink' | 'green' | 'amber' | 'red' | 'violet';

const tones: Record<GlyphTone, string> = {
  grey: 'text-text-3',
  ink: 'text-accent-text',
  green: 'text-green-solid',
  amber: 'text-amber-solid',
  red: 'text-red-solid',
  violet: 'text-violet-solid',
};

/** A state drawing, 14 px; without a tone it takes the colour around it. */
export function Glyph({
  name,
  tone,
  className,
}: {
  name: GlyphName;
  tone?: GlyphTone | undefined;
  className?: string | undefined;
}) {
  return (
    <svg
      className={cx('i st', tone && tones[tone], className)}
      viewBox="0 0 14 14"
      fill="currentColor"
      aria-hidden="true"
    >
      {drawings[name]}
    </svg>
  );
}
