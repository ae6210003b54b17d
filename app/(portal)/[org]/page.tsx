import { Plus, Settings } from 'lucide-react';
import type { Metadata } from 'next';
import { can } from '#lib/access/can.ts';
import type { Context } from '#lib/context.ts';
import type { OrganizationOverview } from '#lib/overview/read-organization-overview.ts';
import type { ProjectOverview } from '#lib/overview/present-project.ts';
import { paths } from '#lib/paths.ts';
import { NeedsList } from '../../_components/needs-list.tsx';
import { PageHead, SectionHead } from '../../_components/page-head.tsx';
import { WorkArea } from '../../_components/work-area.tsx';
import { requireContext } from '../../_server/context.ts';
import { readOverview } from '../../_server/overview.ts';
import { IconLink, LinkButton } from '../../_ui/button.tsx';
import { EmptyState } from '../../_ui/empty-state.tsx';
import { FiguresStrip, type Figure } from '../../_ui/figures-strip.tsx';
import { FlowChart } from '../../_ui/flow-chart.tsx';
import { formatCount, formatNumber } from '../../_ui/format-number.ts';
import { TextLink } from '../../_ui/text-link.tsx';
import { RelativeTime } from '../../_ui/time.tsx';
import { flowHours, isLate, projectRows, sumProjects } from './home-figures.ts';
import { homeNeeds } from './home-needs.tsx';
import { LatestChanges } from './latest-changes.tsx';
import { NoticesUntold } from './notices-untold.tsx';
import { NewProjectDialog } from './new-project-dialog.tsx';
import { ProjectsTable } from './projects-table.tsx';

export const metadata: Metadata = { title: 'Home' };

interface HomePageProps {
  params: Promise<{ org: string }>;
}

export default async function HomePage({ params }: HomePageProps) {
  const { org } = await params;
  const ctx = await requireContext(org);
  const overview = await readOverview(ctx);
  const projects = overview.projects.filter(({ archivedAt }) => archivedAt === null);
  const archived = overview.projects.filter(({ archivedAt }) => archivedAt !== null);
  const mayCreate = can(ctx.actor, 'project.create', null);
  const defaultProject = projects.find(({ id }) => id === overview.defaultProjectId);
  return (
    <WorkArea>
      <HomeHead overview={overview} count={projects.length} mayCreate={mayCreate} ctx={ctx} />
      {projects.length === 0 ? (
        <FirstProject org={org} mayCreate={mayCreate} />
      ) : (
        <HomeSections ctx={ctx} overview={overview} projects={projects} />
      )}
      {archived.length > 0 && <Archived org={org} projects={archived} />}
      {mayCreate && <NewProjectDialog organization={org} copiesFrom={defaultProject?.name ?? null} />}
    </WorkArea>
  );
}

interface HomeHeadProps {
  ctx: Context;
  overview: OrganizationOverview;
  count: number;
  mayCreate: boolean;
}

function HomeHead({ ctx, overview, count, mayCreate }: HomeHeadProps) {
  return (
    <PageHead
      title={overview.name}
      actions={
        <>
          {can(ctx.actor, 'organization.manage', null) && (
            <IconLink
              icon={Settings}
              label="Settings of the organization"
              variant="default"
              className="big"
              href={paths.organizationSettings(overview.slug)}
            />
          )}
          {mayCreate && count > 0 && (
            <LinkButton
              big
              variant="primary"
              icon={Plus}
              href={paths.newProject(overview.slug)}
              scroll={false}
            >
              New project
            </LinkButton>
          )}
        </>
      }
    >
      {formatCount(count, 'project')}. The day ends <RelativeTime iso={overview.dayEndsAt.toISOString()} /> (
      {overview.timeZone}).
    </PageHead>
  );
}

interface HomeSectionsProps {
  ctx: Context;
  overview: OrganizationOverview;
  projects: readonly ProjectOverview[];
}

function HomeSections({ ctx, overview, projects }: HomeSectionsProps) {
  const needs = homeNeeds(ctx, overview.slug, projects);
  return (
    <>
      <FiguresStrip figures={figures(overview, projects)} />
      {needs.length > 0 && (
        <section aria-labelledby="needs">
          <SectionHead id="needs" title="Needs a person now" note={formatNumber(needs.length)} />
          <NeedsList needs={needs} />
        </section>
      )}
      <NoticesUntold ctx={ctx} overview={overview} />
      <section aria-labelledby="projects">
        <SectionHead id="projects" title="Projects" note="sorted by trouble" ruled={needs.length > 0} />
        <ProjectsTable rows={projectRows(overview.slug, projects, overview.now)} />
      </section>
      <div className="split">
        <section aria-labelledby="flow">
          <SectionHead id="flow" title="Flow" note="mails an hour, last 24 hours" />
          <FlowChart hours={flowHours(projects)} label="Mails an hour over the last 24 hours, all projects" />
        </section>
        <LatestChanges ctx={ctx} organization={overview.slug} />
      </div>
    </>
  );
}

function figures(overview: OrganizationOverview, projects: readonly ProjectOverview[]): Figure[] {
  const sums = sumProjects(projects);
  const optional: (Figure | false)[] = [
    sums.uncertain > 0 && { label: 'Uncertain', value: formatNumber(sums.uncertain), tone: 'amber' },
    sums.captured > 0 && { label: 'Captured', value: formatNumber(sums.captured) },
  ];
  return [
    { label: 'Sent today', value: formatNumber(sums.sentToday) },
    { label: 'Waiting', value: formatNumber(sums.waiting) },
    {
      label: 'Oldest waiting',
      value:
        sums.oldestWaitingAt === null ? (
          '–'
        ) : (
          <RelativeTime iso={sums.oldestWaitingAt.toISOString()} style="elapsed" />
        ),
      tone: isLate(sums.oldestWaitingAt, overview.now) ? 'red' : undefined,
    },
    {
      label: 'Backlog',
      value: formatNumber(sums.backlog),
      tone: sums.backlog > 0 ? 'violet' : undefined,
      href: paths.organizationBacklog(overview.slug),
    },
    { label: 'Failed today', value: formatNumber(sums.failedToday) },
    ...optional.filter((figure) => figure !== false),
  ];
}

function FirstProject({ org, mayCreate }: { org: string; mayCreate: boolean }) {
  return (
    <EmptyState
      kind="nothing-yet"
      title="No project yet"
      actions={
        mayCreate && (
          <LinkButton variant="primary" href={paths.newProject(org)} scroll={false}>
            New project
          </LinkButton>
        )
      }
    >
      {mayCreate
        ? 'A project hands its mail to Mailroom: a support portal, a service desk, an internal app. Each has its own mail server.'
        : 'You see no project of this organization. Its owners and administrators can give you one.'}
    </EmptyState>
  );
}

function Archived({ org, projects }: { org: string; projects: readonly ProjectOverview[] }) {
  return (
    <section aria-labelledby="archived">
      <SectionHead id="archived" title="Archived" note={formatNumber(projects.length)} ruled />
      <ul className="changes">
        {projects.map((project) => (
          <li key={project.id}>
            <span className="col-span-2">
              <TextLink href={paths.project(org, project.slug)}>{project.name}</TextLink>{' '}
              {project.archivedAt !== null && (
                <span className="text-text-3">
                  archived <RelativeTime iso={project.archivedAt.toISOString()} />
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
