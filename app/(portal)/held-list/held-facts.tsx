import { RotateCw } from 'lucide-react';
import { can } from '#lib/access/can.ts';
import { listBulkRuns } from '#lib/backlog/list-bulk-runs.ts';
import { readAutoResume } from '#lib/backlog/read-auto-resume.ts';
import { atOnce } from '#lib/backlog/schemas.ts';
import type { BulkRunView } from '#lib/backlog/views.ts';
import type { Context } from '#lib/context.ts';
import type { LimitScopeView, LimitsView } from '#lib/limits/limits-view.ts';
import { readLimits } from '#lib/limits/read-limits.ts';
import type { ProjectOverview } from '#lib/overview/present-project.ts';
import { paths } from '#lib/paths.ts';
import { Fact, Facts } from '#app/_components/facts.tsx';
import { formatNumber } from '#app/_ui/format-number.ts';
import { Icon } from '#app/_ui/icon.tsx';
import { AutoResumeButton } from '../limits/auto-resume-button.tsx';
import { whyNot } from '../permission-words.ts';
import { autoResumeWords } from './auto-resume-words.ts';
import { LimitFact, type SpentLimit } from './limit-fact.tsx';
import { RunFact } from './run-fact.tsx';

export interface HeldFactsProps {
  readonly ctx: Context;
  readonly organization: string;
  /** Null: every project. */
  readonly project: ProjectOverview | null;
  readonly mayAct: boolean;
}

/** What holds for a backlog as a whole: limits that are spent, auto resume, and bulk runs at work. */
export async function BacklogFacts(props: HeldFactsProps) {
  const { ctx, organization, project } = props;
  const canSeeLimits = can(ctx.actor, 'limits.read', project?.id ?? null);
  const view = canSeeLimits ? await readLimits(ctx, project === null ? {} : { project: project.slug }) : null;
  const limitsHref =
    project === null ? paths.limits(organization) : paths.projectLimits(organization, project.slug);
  return (
    <Facts>
      {view !== null &&
        spentLimits(view).map((spent) => <LimitFact key={spent.name} spent={spent} href={limitsHref} />)}
      {project === null ? (
        view !== null && <DefaultAutoResume organization={organization} view={view} />
      ) : (
        <ProjectAutoResume {...props} project={project} now={view?.now ?? new Date().toISOString()} />
      )}
      <RunFacts {...props} />
    </Facts>
  );
}

/** Bulk runs alone, above a list that no limit holds. */
export async function RunFacts({ ctx, organization, project, mayAct }: HeldFactsProps) {
  const runs = await listBulkRuns(ctx, { project: project?.slug ?? null, of: 'held', active: true });
  return runs
    .filter(isShown)
    .map((run) => (
      <RunFact
        key={run.id}
        organization={organization}
        run={run}
        showsProject={project === null}
        mayAct={mayAct}
      />
    ));
}

/** A few mails are done at once, and the toast says so; what can still be undone is shown whatever its size. */
function isShown({ state, kind, expected }: BulkRunView): boolean {
  return state === 'running' || kind === 'suspend' || expected > atOnce;
}

/** Limits in which mail of normal priority finds no room. */
function spentLimits({ scopes, window }: LimitsView): SpentLimit[] {
  return scopes.flatMap((scope) => {
    const reserved = Math.max(0, scope.highReserve - scope.highUsed);
    if (scope.mailsPerDay === null || scope.used + reserved < scope.mailsPerDay) return [];
    return [
      {
        name: limitName(scope, scopes),
        used: scope.used,
        limit: scope.mailsPerDay,
        reserved: Math.max(0, Math.min(reserved, scope.mailsPerDay - scope.used)),
        endsAt: window.endsAt,
      },
    ];
  });
}

// With one limit in force its name says nothing.
function limitName({ label }: LimitScopeView, scopes: readonly LimitScopeView[]): string {
  const limited = scopes.filter(({ mailsPerDay }) => mailsPerDay !== null);
  return limited.length === 1 ? 'limit' : `${label} limit`;
}

async function ProjectAutoResume({
  ctx,
  organization,
  project,
  now,
}: HeldFactsProps & { project: ProjectOverview; now: string }) {
  const view = await readAutoResume(ctx, { project: project.slug });
  const { title, detail } = autoResumeWords(view, now);
  return (
    <Fact
      glyph={<Icon icon={RotateCw} size={14} className="text-text-3" />}
      title={title}
      action={
        <AutoResumeButton
          organization={organization}
          project={{ slug: project.slug, name: project.name }}
          isOn={view.isOn}
          isInherited={view.isInherited}
          threshold={view.threshold}
          why={!can(ctx.actor, 'limits.write', project.id) && whyNot('limits.write')}
        />
      }
    >
      {detail}
    </Fact>
  );
}

function DefaultAutoResume({ organization, view }: { organization: string; view: LimitsView }) {
  const { autoResume, autoResumeThreshold } = view.policy;
  const below =
    autoResumeThreshold === null
      ? ''
      : `, as long as fewer than ${formatNumber(autoResumeThreshold)} of a project wait`;
  return (
    <Fact
      glyph={<Icon icon={RotateCw} size={14} className="text-text-3" />}
      title={`Auto resume is ${autoResume ? 'on' : 'off'} by default.`}
      action={
        <AutoResumeButton
          organization={organization}
          project={null}
          isOn={autoResume}
          isInherited={false}
          threshold={autoResumeThreshold}
          why={!view.canWrite && whyNot('limits.write')}
        />
      }
    >
      {autoResume
        ? `Held mails go out by themselves when room appears, oldest first and dealt in turn over the projects${below}. A project can choose otherwise.`
        : 'Held mails stay until a person resumes them. A project can choose otherwise.'}
    </Fact>
  );
}
