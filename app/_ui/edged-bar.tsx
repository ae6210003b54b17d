/** A bar with the darker top edge that keeps 3:1 against the sheet. */
export function EdgedBar({
  x = 0,
  y = 0,
  width = 0,
  height = 0,
}: {
  x?: number;
  y?: number;
  width?: number;
  height?: number;
}) {
  if (height <= 0) return null;
  return (
    <>
      <rect className="bl" x={x} y={y} width={width} height={height} />
      <rect className="bt" x={x} y={y} width={width} height={Math.min(1.5, height)} />
    </>
  );
}
