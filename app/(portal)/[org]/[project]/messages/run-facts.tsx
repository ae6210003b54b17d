import { can } from '#lib/access/can.ts';
import { isMessageRun } from '#lib/backlog/bulk-run-row.ts';
import { listBulkRuns } from '#lib/backlog/list-bulk-runs.ts';
import { atOnce } from '#lib/backlog/schemas.ts';
import { messageActions } from '#lib/messages/message-actions.ts';
import type { Context } from '#lib/context.ts';
import type { ProjectOverview } from '#lib/overview/present-project.ts';
import { Facts } from '#app/_components/facts.tsx';
import { RunFact } from '../../../held-list/run-fact.tsx';

export interface MessageRunFactsProps {
  readonly ctx: Context;
  readonly organization: string;
  readonly project: ProjectOverview;
}

/** What is being done to many messages of the project, and what has just been. */
export async function MessageRunFacts({ ctx, organization, project }: MessageRunFactsProps) {
  const runs = await listBulkRuns(ctx, { project: project.slug, of: 'messages', active: true });
  // A few mails are done at once, and the toast says so.
  const shown = runs.filter(({ state, expected }) => state === 'running' || expected > atOnce);
  if (shown.length === 0) return null;
  return (
    <Facts>
      {shown.map((run) => (
        <RunFact
          key={run.id}
          organization={organization}
          run={run}
          showsProject={false}
          mayAct={isMessageRun(run.kind) && can(ctx.actor, messageActions[run.kind].permission, project.id)}
        />
      ))}
    </Facts>
  );
}
