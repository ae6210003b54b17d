/** How far a piece of background work has come; `done` of `total`. */
export function Progress({ label, done, total }: { label: string; done: number; total: number }) {
  const isUnknown = total === 0;
  return (
    <progress
      className="progress"
      aria-label={label}
      max={isUnknown ? 1 : total}
      value={isUnknown ? 1 : Math.min(done, total)}
    />
  );
}
