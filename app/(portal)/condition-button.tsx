import { can } from '#lib/access/can.ts';
import type { Permission } from '#lib/access/roles.ts';
import type { Context } from '#lib/context.ts';
import type { ProjectOverview } from '#lib/overview/present-project.ts';
import { paths } from '#lib/paths.ts';
import { LinkButton } from '../_ui/button.tsx';
import { reconnectToPrimary, restoreProject, startSending, tryLaneAgain } from './[org]/[project]/actions.ts';
import { ActionButton } from './action-button.tsx';
import { whyNot } from './permission-words.ts';
import type { ConditionAction } from './condition.ts';

export interface ConditionButtonProps {
  readonly ctx: Context;
  readonly organization: string;
  readonly project: ProjectOverview;
  readonly action: ConditionAction;
}

/** The button that does something about a condition. One that the reader may not press says who can. */
export function ConditionButton({ ctx, organization, project, action }: ConditionButtonProps) {
  const why = (permission: Permission) => !can(ctx.actor, permission, project.id) && whyNot(permission);
  const input = { project: project.id };
  switch (action) {
    case 'start_sending':
      return (
        <ActionButton
          run={startSending.bind(null, organization, input)}
          pendingLabel="Starting…"
          why={why('sending.pause')}
        >
          Start sending
        </ActionButton>
      );
    case 'try_again':
      return (
        <ActionButton
          run={tryLaneAgain.bind(null, organization, input)}
          pendingLabel="Trying…"
          done="The next mail is being tried"
          why={why('sending.pause')}
        >
          Try again now
        </ActionButton>
      );
    case 'reconnect':
      return (
        <ActionButton
          run={reconnectToPrimary.bind(null, organization, input)}
          pendingLabel="Reconnecting…"
          done="The next mail goes to the primary server"
          why={why('sending.pause')}
        >
          Reconnect to primary
        </ActionButton>
      );
    case 'restore':
      return (
        <ActionButton
          run={restoreProject.bind(null, organization, input)}
          pendingLabel="Restoring…"
          done="The project is back; its sending is paused"
          why={why('project.manage')}
        >
          Restore project
        </ActionButton>
      );
    case 'mail_settings':
      return (
        <LinkButton href={paths.mailSettings(organization, project.slug)}>Open mail settings</LinkButton>
      );
    case 'connections':
      return <LinkButton href={paths.connections(organization)}>Open connections</LinkButton>;
    case 'set_up':
      return <LinkButton href={paths.mailSettings(organization, project.slug)}>Set up mail</LinkButton>;
    case 'review_backlog':
      return <LinkButton href={paths.backlog(organization, project.slug)}>Review backlog</LinkButton>;
    case 'review_uncertain':
      return <LinkButton href={paths.uncertain(organization, project.slug)}>Review</LinkButton>;
    default:
      return action satisfies never;
  }
}
