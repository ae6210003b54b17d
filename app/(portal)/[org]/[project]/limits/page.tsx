import { History } from 'lucide-react';
import type { Metadata } from 'next';
import { z } from 'zod';
import { can } from '#lib/access/can.ts';
import { readAutoResume } from '#lib/backlog/read-auto-resume.ts';
import { readLimits } from '#lib/limits/read-limits.ts';
import { paths } from '#lib/paths.ts';
import { PageHead, SectionHead } from '#app/_components/page-head.tsx';
import { WorkArea } from '#app/_components/work-area.tsx';
import { requireContext } from '#app/_server/context.ts';
import { requireProject } from '#app/_server/overview.ts';
import { LinkButton } from '#app/_ui/button.tsx';
import { TextLink } from '#app/_ui/text-link.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';
import { autoResumeWords } from '../../../held-list/auto-resume-words.ts';
import { AutoResumeButton } from '../../../limits/auto-resume-button.tsx';
import { LimitsSections } from '../../../limits/limits-sections.tsx';
import { PolicyRow } from '../../../limits/policy-panel.tsx';
import { recipientsPolicyWords } from '../../../limits/policy-words.ts';
import { windowWords } from '../../../limits/window-words.ts';
import { PaceRows } from '../../../pace/pace-rows.tsx';
import { whyNot } from '../../../permission-words.ts';

export const metadata: Metadata = { title: 'Limits' };

const query = z.object({ change: z.string().max(120).optional().catch(undefined) });

interface ProjectLimitsProps {
  params: Promise<{ org: string; project: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** The limits that a project's mail meets: its protocol's, which all share, and its own pair. */
export default async function ProjectLimits({ params, searchParams }: ProjectLimitsProps) {
  const { org, project: slug } = await params;
  const ctx = await requireContext(org);
  const project = await requireProject(ctx, slug);
  const { change } = query.parse(await searchParams);
  const view = await readLimits(ctx, { project: slug });
  const auto = await readAutoResume(ctx, { project: slug });
  const words = autoResumeWords(auto, view.now);
  const why = !view.canWrite && whyNot('limits.write');
  const policy = recipientsPolicyWords[view.policy.recipientsPolicy];
  return (
    <WorkArea>
      <PageHead
        title="Limits"
        actions={
          can(ctx.actor, 'audit.read', project.id) && (
            <LinkButton big icon={History} href={paths.projectHistory(org, slug, { action: 'limits' })}>
              View history
            </LinkButton>
          )
        }
      >
        What the mail of {project.name} meets. {windowWords(view.window)}
        {view.window.endsAt === null ? (
          '.'
        ) : (
          <>
            ; it ends <RelativeTime iso={view.window.endsAt} />.
          </>
        )}
      </PageHead>
      <LimitsSections
        ctx={ctx}
        organization={org}
        view={view}
        wanted={change}
        preferred={view.scopes.find((scope) => scope.project !== null)?.id}
        changeHref={(row, scope) =>
          scope.project === null
            ? paths.limits(org, { change: row })
            : paths.projectLimits(org, slug, { change: row })
        }
        closeHref={paths.projectLimits(org, slug)}
        heldHref={(_scope, reason) => paths.backlog(org, slug, { reason })}
        whyNotChange={({ project: own }) =>
          !can(ctx.actor, 'limits.write', own?.id ?? null) && whyNot('limits.write')
        }
      >
        <SectionHead title="What happens at the limit" />
        <div className="pad grid gap-4">
          <PolicyRow
            name="Auto resume"
            action={
              <AutoResumeButton
                organization={org}
                project={{ slug, name: project.name }}
                isOn={auto.isOn}
                isInherited={auto.isInherited}
                threshold={auto.threshold}
                why={why}
              />
            }
          >
            <b>{words.title}</b> {words.detail}
          </PolicyRow>
          <PolicyRow name="Too many recipients">
            <b>{policy.label}.</b> {policy.note}
          </PolicyRow>
          <PaceRows ctx={ctx} organization={org} project={slug} />
          <p className="text-xs text-text-3">
            Day, too many recipients and the limits of each protocol are the organization's:{' '}
            <TextLink href={paths.limits(org)}>Limits of the organization</TextLink>
          </p>
        </div>
      </LimitsSections>
    </WorkArea>
  );
}
