import { can } from '#lib/access/can.ts';
import type { Context } from '#lib/context.ts';
import type { OrganizationOverview } from '#lib/overview/read-organization-overview.ts';
import { paths } from '#lib/paths.ts';
import { TextLink } from '../../_ui/text-link.tsx';

interface NoticesUntoldProps {
  readonly ctx: Context;
  readonly overview: OrganizationOverview;
}

/** One line for those who can change it: no project mails Mailroom's own notices. */
export function NoticesUntold({ ctx, overview: { slug, noticeSender } }: NoticesUntoldProps) {
  if (!can(ctx.actor, 'organization.manage', null)) return null;
  if (noticeSender !== null && !noticeSender.isArchived) return null;
  return (
    <p className="border-t border-line px-gutter py-2.5 text-text-2">
      {noticeSender === null
        ? 'Nobody is told by mail when sending stops or a credential ends: no project sends notices.'
        : `Nobody is told by mail when sending stops or a credential ends: ${noticeSender.name}, which sends notices, is archived.`}{' '}
      <TextLink href={paths.organizationSettings(slug)}>Choose a project</TextLink>
    </p>
  );
}
