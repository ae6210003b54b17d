import { can } from '#lib/access/can.ts';
import type { Permission } from '#lib/access/roles.ts';
import type { ProjectOverview } from '#lib/overview/present-project.ts';
import { paths } from '#lib/paths.ts';
import { transportWords } from '#lib/settings/labels.ts';
import { PageHead, SectionHead } from '../../../_components/page-head.tsx';
import { WorkArea } from '../../../_components/work-area.tsx';
import { requireContext } from '../../../_server/context.ts';
import { readOverview, requireProject } from '../../../_server/overview.ts';
import { FiguresStrip, type Figure } from '../../../_ui/figures-strip.tsx';
import { FlowChart } from '../../../_ui/flow-chart.tsx';
import { formatNumber } from '../../../_ui/format-number.ts';
import { Mono } from '../../../_ui/machine-words.tsx';
import { ProjectStatePill } from '../../../_ui/pill.tsx';
import { RelativeTime } from '../../../_ui/time.tsx';
import { PaceFact } from '../../pace/pace-fact.tsx';
import { whyNot } from '../../permission-words.ts';
import { flowHours, isLate } from '../home-figures.ts';
import { LastFailures } from './last-failures.tsx';
import { PauseButton } from './pause-button.tsx';
import { ProjectSettings } from './project-settings.tsx';

interface ProjectPageProps {
  params: Promise<{ org: string; project: string }>;
}

export default async function ProjectPage({ params }: ProjectPageProps) {
  const { org, project: slug } = await params;
  const ctx = await requireContext(org);
  const project = await requireProject(ctx, slug);
  const { now } = await readOverview(ctx);
  const why = (permission: Permission) => !can(ctx.actor, permission, project.id) && whyNot(permission);
  return (
    <WorkArea>
      <PageHead
        title={project.name}
        actions={
          project.paused === null &&
          project.archivedAt === null && (
            <PauseButton
              organization={org}
              project={{ id: project.id, name: project.name, waiting: project.waiting }}
              why={why('sending.pause')}
            />
          )
        }
      >
        <span className="row flex-wrap">
          <ProjectStatePill state={project.state} />
          <Transport project={project} />
        </span>
      </PageHead>
      <FiguresStrip figures={figures(org, project, now)} />
      <PaceFact ctx={ctx} organization={org} project={slug} />
      <section aria-labelledby="flow">
        <SectionHead id="flow" title="Flow" note="mails an hour, last 24 hours" />
        <FlowChart hours={flowHours([project])} label={`Mails an hour of ${project.name}, last 24 hours`} />
      </section>
      <LastFailures ctx={ctx} organization={org} project={project} />
      <ProjectSettings
        organization={org}
        project={{ id: project.id, name: project.name, slug: project.slug, waiting: project.waiting }}
        isArchived={project.archivedAt !== null}
        why={why('project.manage')}
      />
    </WorkArea>
  );
}

function Transport({ project }: { project: ProjectOverview }) {
  if (project.server === null) return null;
  return (
    <span>
      {transportWords[project.server.transport]} <Mono>{project.server.address}</Mono>, version{' '}
      {project.settingsVersion}
    </span>
  );
}

function figures(org: string, project: ProjectOverview, now: Date): Figure[] {
  const messages = (state: string) => paths.messages(org, project.slug, { state });
  const optional: (Figure | false)[] = [
    project.uncertain > 0 && {
      label: 'Uncertain',
      value: formatNumber(project.uncertain),
      tone: 'amber',
      href: paths.uncertain(org, project.slug),
    },
    project.held.suspended > 0 && {
      label: 'Suspended',
      value: formatNumber(project.held.suspended),
      href: paths.suspended(org, project.slug),
    },
    project.captured > 0 && {
      label: 'Captured',
      value: formatNumber(project.captured),
      href: messages('captured'),
    },
  ];
  const { oldestWaitingAt } = project;
  return [
    { label: 'Sent today', value: formatNumber(project.sentToday), href: messages('sent') },
    { label: 'Waiting', value: formatNumber(project.waiting), href: messages('waiting') },
    {
      label: 'Oldest waiting',
      value:
        oldestWaitingAt === null ? '–' : <RelativeTime iso={oldestWaitingAt.toISOString()} style="elapsed" />,
      tone: isLate(oldestWaitingAt, now) ? 'red' : undefined,
    },
    {
      label: 'Backlog',
      value: formatNumber(project.held.backlog),
      tone: project.held.backlog > 0 ? 'violet' : undefined,
      href: paths.backlog(org, project.slug),
    },
    { label: 'Failed today', value: formatNumber(project.failedToday), href: messages('failed') },
    ...optional.filter((figure) => figure !== false),
  ];
}
