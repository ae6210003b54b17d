import { can } from '#lib/access/can.ts';
import type { Context } from '#lib/context.ts';
import { listMessages } from '#lib/messages/list-messages.ts';
import type { ProjectOverview } from '#lib/overview/present-project.ts';
import { paths } from '#lib/paths.ts';
import { SectionHead } from '../../../_components/page-head.tsx';
import { TextLink } from '../../../_ui/text-link.tsx';
import { FailuresTable } from './failures-table.tsx';

const shown = 5;

export interface LastFailuresProps {
  readonly ctx: Context;
  readonly organization: string;
  readonly project: ProjectOverview;
}

/** The newest mails that failed, with the server's words. */
export async function LastFailures({ ctx, organization, project }: LastFailuresProps) {
  if (!can(ctx.actor, 'messages.read', project.id)) return null;
  const { messages } = await listMessages(ctx, { project: project.id, state: ['failed'], limit: shown });
  const all = paths.messages(organization, project.slug, { state: 'failed' });
  return (
    <section aria-labelledby="failures">
      <SectionHead
        id="failures"
        title="Last failures"
        ruled
        actions={messages.length > 0 && <TextLink href={all}>All failed mails</TextLink>}
      />
      {messages.length === 0 ? (
        <p className="pad text-text-3">No mail of this project has failed.</p>
      ) : (
        <FailuresTable
          rows={messages.map((message) => ({
            id: message.id,
            href: paths.message(organization, project.slug, message.id),
            subject: message.subject,
            recipient: message.firstRecipient,
            at: message.stateAt,
            words: message.lastReply ?? message.lastCode ?? '',
          }))}
        />
      )}
    </section>
  );
}
