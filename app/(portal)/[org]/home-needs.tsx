import type { Context } from '#lib/context.ts';
import type { ProjectOverview } from '#lib/overview/present-project.ts';
import { compareByTrouble } from '#lib/overview/project-state.ts';
import { paths } from '#lib/paths.ts';
import type { Need } from '../../_components/needs-list.tsx';
import type { BannerTone } from '../../_ui/banner.tsx';
import { Glyph, type GlyphTone } from '../../_ui/glyph.tsx';
import { RelativeTime } from '../../_ui/time.tsx';
import { ConditionButton } from '../condition-button.tsx';
import type { Condition } from '../condition.ts';
import { projectConditions } from '../project-conditions.tsx';

const glyphTones: Readonly<Record<BannerTone, GlyphTone>> = {
  red: 'red',
  amber: 'amber',
  violet: 'violet',
  plain: 'violet',
};

/** What waits for a person, over all projects, worst first: a sentence and one button each. */
export function homeNeeds(ctx: Context, organization: string, projects: readonly ProjectOverview[]): Need[] {
  const found = projects.toSorted(compareByTrouble).flatMap((project) =>
    projectConditions(project)
      .filter(({ needsPerson }) => needsPerson)
      .map((condition) => ({ project, condition })),
  );
  const [standing, others] = [found.filter(isRed), found.filter((each) => !isRed(each))];
  return [...standing, ...others].map(({ project, condition }) =>
    need(ctx, organization, project, condition),
  );
}

function isRed({ condition }: { readonly condition: Condition }): boolean {
  return condition.tone === 'red';
}

function need(ctx: Context, organization: string, project: ProjectOverview, condition: Condition): Need {
  const [first] = condition.actions;
  return {
    key: `${project.id} ${condition.kind}`,
    glyph: <Glyph name={condition.glyph} tone={glyphTones[condition.tone]} />,
    project: project.name,
    href: paths.project(organization, project.slug),
    title: condition.title,
    detail: condition.detail,
    since: condition.since !== null && (
      <>
        since <RelativeTime iso={condition.since.toISOString()} style="minute" />
      </>
    ),
    action: first !== undefined && (
      <ConditionButton ctx={ctx} organization={organization} project={project} action={first} />
    ),
  };
}
