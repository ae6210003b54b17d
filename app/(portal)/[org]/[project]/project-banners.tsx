import type { Context } from '#lib/context.ts';
import type { ProjectOverview } from '#lib/overview/present-project.ts';
import { BannerSlot } from '../../../_components/banner-slot.tsx';
import { Banner } from '../../../_ui/banner.tsx';
import { RelativeTime } from '../../../_ui/time.tsx';
import { UnlessOn } from '../../../_components/unless-on.tsx';
import { ConditionButton } from '../../condition-button.tsx';
import { projectConditions } from '../../project-conditions.tsx';

export interface ProjectBannersProps {
  readonly ctx: Context;
  readonly organization: string;
  readonly project: ProjectOverview;
}

// These pages say the same at length.
const saidOn: Readonly<Record<string, string>> = {
  at_limit: 'backlog',
  held_for_person: 'backlog',
  uncertain: 'uncertain',
};

/** One banner for each condition that stands, the gravest on top. */
export function ProjectBanners({ ctx, organization, project }: ProjectBannersProps) {
  const conditions = projectConditions(project);
  if (conditions.length === 0) return null;
  return (
    <BannerSlot>
      {conditions.map((condition) => (
        <UnlessOn key={condition.kind} page={saidOn[condition.kind]}>
          <Banner
            tone={condition.tone}
            glyph={condition.glyph}
            title={condition.title}
            since={
              condition.since !== null && (
                <>
                  since <RelativeTime iso={condition.since.toISOString()} style="minute" />
                </>
              )
            }
            action={condition.actions.map((action) => (
              <ConditionButton
                key={action}
                ctx={ctx}
                organization={organization}
                project={project}
                action={action}
              />
            ))}
          >
            {condition.detail}
          </Banner>
        </UnlessOn>
      ))}
    </BannerSlot>
  );
}
