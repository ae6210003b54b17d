const widths = [34, 56, 62, 30, 48, 44, 70, 24, 40, 60, 52, 38];

/** Grey bars in place of rows, on the first load only; later the old rows stay. */
export function SkeletonRows({
  rows = 6,
  columns = 4,
  label = 'Loading',
}: {
  rows?: number;
  columns?: number;
  label?: string;
}) {
  return (
    <output className="tbl block" aria-busy="true" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        <div
          key={row}
          className="flex h-9 items-center gap-4 border-b border-line px-gutter"
          aria-hidden="true"
        >
          {Array.from({ length: columns }, (_, column) => (
            <span key={column} className="flex-1">
              <span
                className="sk"
                style={{ width: `${widths[(row * columns + column) % widths.length]}%` }}
              />
            </span>
          ))}
        </div>
      ))}
    </output>
  );
}
