/** Mails of one hour. */
export type HourCounts = { sent: number; held?: number | undefined; failed?: number | undefined };

const height = 20;

/** 24 bars, one an hour, on the row's own scale; held violet, failed red. */
export function DayStrip({ hours, label }: { hours: ReadonlyArray<HourCounts>; label: string }) {
  const most = Math.max(1, ...hours.map((hour) => hour.sent + (hour.held ?? 0) + (hour.failed ?? 0)));
  return (
    <svg
      className="day"
      width={95}
      height={height}
      viewBox={`0 0 95 ${height}`}
      role="img"
      aria-label={label}
    >
      {hours.slice(-24).map((hour, at) => (
        <HourBar key={at} x={at * 4} hour={hour} most={most} />
      ))}
    </svg>
  );
}

function HourBar({ x, hour, most }: { x: number; hour: HourCounts; most: number }) {
  const tall = (count: number): number =>
    count === 0 ? 0 : Math.max(1, Math.round((count / most) * height));
  const sent = tall(hour.sent);
  const held = tall(hour.held ?? 0);
  const failed = tall(hour.failed ?? 0);
  if (sent + held + failed === 0) return <rect className="b0" x={x} y={height - 1} width={3} height={1} />;
  return (
    <>
      {sent > 0 && <rect className="b" x={x} y={height - sent} width={3} height={sent} />}
      {failed > 0 && (
        <rect className="bf" x={x} y={Math.max(0, height - sent - failed)} width={3} height={failed} />
      )}
      {held > 0 && (
        <rect className="bh" x={x} y={Math.max(0, height - sent - failed - held)} width={3} height={held} />
      )}
    </>
  );
}
