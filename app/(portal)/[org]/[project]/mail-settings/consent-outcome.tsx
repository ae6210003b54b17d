import { Banner } from '#app/_ui/banner.tsx';
import { remedyFor } from '#lib/doctor/remedies.ts';

/** What became of the consent that this browser has just come back from. The address holds a code and nothing else. */
export function ConsentOutcome({ code }: { code: string }) {
  if (code === 'given') {
    return (
      <Banner tone="plain" glyph="ok" title="Connected.">
        The consent is stored, and waiting mail goes out now.
      </Banner>
    );
  }
  const { happened, todo } = remedyFor(code);
  return (
    <Banner tone="red" glyph="failed" title={happened}>
      {todo}
    </Banner>
  );
}
