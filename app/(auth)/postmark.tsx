// Seven waves of a cancelled stamp; each starts where the ring lets it.
const waves = [
  { x: 415, y: 354 },
  { x: 436, y: 386 },
  { x: 447, y: 418 },
  { x: 450, y: 450 },
  { x: 447, y: 482 },
  { x: 436, y: 514 },
  { x: 415, y: 546 },
];

function wavePath({ x, y }: { x: number; y: number }): string {
  const crests = Array.from({ length: 10 }, (_, at) => `q 30 ${at % 2 === 0 ? -14 : 14} 60 0`);
  return `M${x} ${y} ${crests.join(' ')}`;
}

/** The postmark beside the sign-in form: this portal's host, and the day and minute at which it was asked for. */
export function Postmark({ host, day, minute }: { host: string; day: string; minute: string }) {
  return (
    <div className="art" aria-hidden="true">
      <svg
        viewBox="0 0 920 900"
        preserveAspectRatio="xMidYMid slice"
        fill="none"
        stroke="currentColor"
        strokeWidth="1"
      >
        <g transform="rotate(-7 460 450)">
          <circle cx="300" cy="450" r="150" />
          <circle cx="300" cy="450" r="108" />
          <path id="postmark-upper" d="M172 450a128 128 0 0 1 256 0" stroke="none" />
          <path id="postmark-lower" d="M160 450a140 140 0 0 0 280 0" stroke="none" />
          <g
            className="fill-text-3 font-mono"
            stroke="none"
            fontSize="13"
            letterSpacing="3"
            textAnchor="middle"
          >
            <text>
              <textPath href="#postmark-upper" startOffset="50%">
                {host.toUpperCase()}
              </textPath>
            </text>
            <text>
              <textPath href="#postmark-lower" startOffset="50%">
                OUTGOING
              </textPath>
            </text>
            <text x="300" y="442" fontSize="15" letterSpacing="2">
              {day}
            </text>
            <text x="300" y="470" fontSize="15" letterSpacing="2">
              {minute}
            </text>
          </g>
          {waves.map((wave) => (
            <path key={wave.y} d={wavePath(wave)} />
          ))}
        </g>
      </svg>
    </div>
  );
}
