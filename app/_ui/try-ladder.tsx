/** Milliseconds since accept, on a logarithmic axis from accepted to given up. */
type TryLadderProps = {
  triedMs: ReadonlyArray<number>;
  nextMs?: number | undefined;
  laterMs?: ReadonlyArray<number> | undefined;
  nowMs: number;
  endMs: number;
  label: string;
};

const left = 8;
const right = 464;
const y = 14;
const marks = [
  { ms: 1_000, word: '1 s' },
  { ms: 60_000, word: '1 min' },
  { ms: 600_000, word: '10 min' },
  { ms: 3_600_000, word: '1 h' },
  { ms: 21_600_000, word: '6 h' },
  { ms: 86_400_000, word: '1 day' },
];

function endWord(endMs: number): string {
  const hours = endMs / 3_600_000;
  return hours >= 1 ? `${Math.round(hours)} h` : `${Math.round(endMs / 60_000)} min`;
}

/** Tries over time: filled dots are tries, the hollow one is next, dashed ones are later, the tick is now. */
export function TryLadder({ triedMs, nextMs, laterMs = [], nowMs, endMs, label }: TryLadderProps) {
  const span = Math.log1p(endMs / 1000);
  const x = (ms: number): number =>
    left + (Math.log1p(Math.max(0, Math.min(ms, endMs)) / 1000) / span) * (right - left);
  const now = x(nowMs);
  const shownMarks = marks.filter((mark) => x(mark.ms) > left + 60 && x(mark.ms) < right - 50);
  return (
    <svg className="chart ladder" viewBox="0 0 472 44" role="img" aria-label={label}>
      <line className="axis done" x1={left} x2={now} y1={y} y2={y} />
      <line className="axis guess" x1={now} x2={right} y1={y} y2={y} />
      <Mark at={left} word="0" anchor="start" />
      {shownMarks.map((mark) => (
        <Mark key={mark.ms} at={x(mark.ms)} word={mark.word} anchor="middle" />
      ))}
      <Mark at={right} word={endWord(endMs)} anchor="end" />
      {triedMs.map((ms, at) => (
        <circle key={at} className="tried" cx={x(ms)} cy={y} r={4} />
      ))}
      {nextMs !== undefined && <circle className="coming" cx={x(nextMs)} cy={y} r={3.5} />}
      {laterMs.map((ms, at) => (
        <circle key={at} className="later" cx={x(ms)} cy={y} r={3.5} />
      ))}
      <line className="here" x1={now} x2={now} y1={4} y2={22} />
    </svg>
  );
}

function Mark({ at, word, anchor }: { at: number; word: string; anchor: 'start' | 'middle' | 'end' }) {
  return (
    <>
      <line className="axis" x1={at} x2={at} y1={22} y2={25} />
      <text x={at} y={38} textAnchor={anchor}>
        {word}
      </text>
    </>
  );
}
