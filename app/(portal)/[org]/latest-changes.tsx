import { can } from '#lib/access/can.ts';
import { listAuditEntries } from '#lib/audit/list-audit-entries.ts';
import type { Context } from '#lib/context.ts';
import { paths } from '#lib/paths.ts';
import { SectionHead } from '../../_components/page-head.tsx';
import { TextLink } from '../../_ui/text-link.tsx';
import { RelativeTime } from '../../_ui/time.tsx';
import { whyNot } from '../permission-words.ts';

const shown = 8;

/** The newest entries of the history, one line each. */
export async function LatestChanges({ ctx, organization }: { ctx: Context; organization: string }) {
  if (!can(ctx.actor, 'audit.read', null)) {
    return (
      <section aria-labelledby="changes">
        <SectionHead id="changes" title="Latest changes" />
        <p className="pad text-text-3">{whyNot('audit.read')}</p>
      </section>
    );
  }
  const { entries } = await listAuditEntries(ctx, { limit: shown });
  return (
    <section aria-labelledby="changes">
      <SectionHead
        id="changes"
        title="Latest changes"
        actions={<TextLink href={paths.organizationHistory(organization)}>History</TextLink>}
      />
      <ul className="changes">
        {entries.map((entry) => (
          <li key={entry.id}>
            <RelativeTime iso={entry.at} style="minute" className="text-text-3" />
            <span className="truncate">
              <span className="font-medium">{entry.by}</span>{' '}
              <span className="text-text-2">
                {entry.words}
                {entry.project !== null && joint(entry.words)}
              </span>
              {entry.project?.name ?? ''}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

// "created the project Billing", "paused sending in Billing", "stopped sending: the server refuses · Billing".
function joint(words: string): string {
  if (words.includes(':')) return ' · ';
  return words.endsWith('project') ? ' ' : ' in ';
}
