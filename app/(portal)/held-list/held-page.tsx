import { can } from '#lib/access/can.ts';
import { countHeld } from '#lib/backlog/count-held.ts';
import { listHeld } from '#lib/backlog/list-held.ts';
import { readHeldTotals } from '#lib/backlog/read-held-totals.ts';
import { heldSorts, type HeldSort } from '#lib/backlog/schemas.ts';
import type { HeldPage as HeldRows, HeldTotals } from '#lib/backlog/views.ts';
import type { Context } from '#lib/context.ts';
import { readProjectLimits } from '#lib/limits/read-project-limits.ts';
import { DomainError } from '#lib/errors.ts';
import type { OrganizationOverview } from '#lib/overview/read-organization-overview.ts';
import type { ProjectOverview } from '#lib/overview/present-project.ts';
import { Facts } from '#app/_components/facts.tsx';
import type { Pager } from '#app/_components/keyset-pager.tsx';
import { WorkArea } from '#app/_components/work-area.tsx';
import { formatCount, formatNumber } from '#app/_ui/format-number.ts';
import { loadMessage } from '../[org]/[project]/messages/load-message.ts';
import { MessagePanel } from '../[org]/[project]/messages/message-panel.tsx';
import { filterWords } from './filter-words.ts';
import { HeldEmpty } from './held-empty.tsx';
import { BacklogFacts, RunFacts } from './held-facts.tsx';
import { heldFilterBar } from './held-filters.ts';
import { HeldHead } from './held-head.tsx';
import { HeldList } from './held-list.tsx';
import { heldFileHref, type HeldPlace } from './held-place.ts';
import { toHeldRow } from './held-row.ts';
import { heldFiltersOf, type HeldSearch, heldSearch, isHeldFiltered } from './held-search.ts';

export interface HeldPageProps {
  readonly ctx: Context;
  readonly overview: OrganizationOverview;
  /** Null: every project of the organization. */
  readonly project: ProjectOverview | null;
  readonly state: HeldPlace['state'];
  readonly searchParams: Readonly<Record<string, string | string[] | undefined>>;
}

/** Held or suspended mails of a project or of all: what holds them, the list, and what can be done. */
export async function HeldPage({ ctx, overview, project, state, searchParams }: HeldPageProps) {
  const search = heldSearch.parse(searchParams);
  const organization = overview.slug;
  const place: HeldPlace = { organization, project: project?.slug ?? null, state };
  const looked = project ?? overview.projects.find(({ slug }) => slug === search.project) ?? null;
  const scope = { project: looked?.slug ?? null };
  const filter = heldFiltersOf(search, overview.now);
  const isFiltered = isHeldFiltered(search);
  const page = await listPage(ctx, { ...scope, state, filters: filter }, search);
  const totals = await readHeldTotals(ctx, scope);
  const matching = isFiltered
    ? await countHeld(ctx, { ...scope, state, filters: filter })
    : { mails: totals[state], isCapped: false };
  // An archived project keeps what it has as it is.
  const isArchived = (looked?.archivedAt ?? null) !== null;
  const mayAct = !isArchived && can(ctx.actor, 'backlog.write', looked?.id ?? null);
  const recipientsLimit =
    looked !== null && can(ctx.actor, 'limits.read', looked.id)
      ? (await readProjectLimits(ctx, { project: looked.slug })).recipientsPerMail
      : null;
  const readsContent = can(ctx.actor, 'messages.content', looked?.id ?? null);
  const fileHref = heldFileHref(place, search);
  const facts = { ctx, organization, project: looked, mayAct };
  return (
    <WorkArea panel={await messagePanel(ctx, organization, project, page, search.message)}>
      <HeldHead
        state={state}
        totals={totals}
        projectName={looked?.name ?? null}
        fileHref={fileHref}
        readsContent={readsContent}
      />
      {state === 'backlog' ? (
        <BacklogFacts {...facts} />
      ) : (
        <Facts>
          <RunFacts {...facts} />
        </Facts>
      )}
      <HeldList
        organization={organization}
        project={scope.project}
        state={state}
        showsProject={project === null}
        rows={page.items.map((item) => toHeldRow(item, page.now, recipientsLimit))}
        filter={filter}
        matching={{ mails: matching.mails, isCapped: matching.isCapped }}
        isFiltered={isFiltered}
        filters={heldFilterBar(state, project === null ? overview.projects : [])}
        pager={pager(page, matching, isFiltered)}
        fileHref={fileHref}
        readsContent={readsContent}
        mayAct={mayAct}
        empty={
          <HeldEmpty
            place={place}
            projectName={looked?.name ?? null}
            filter={isFiltered || looked !== project ? filterWords(filter) : null}
            total={allHeld(totals, state, overview, project)}
          />
        }
      />
    </WorkArea>
  );
}

interface ListScope {
  readonly project: string | null;
  readonly state: HeldPlace['state'];
  readonly filters: ReturnType<typeof heldFiltersOf>;
}

/** The page that the address asks for; a place in the list that cannot be read shows the first one. */
async function listPage(ctx: Context, scope: ListScope, search: HeldSearch): Promise<HeldRows> {
  const { after, before } = search;
  const order = orderOf(search.sort);
  const position =
    after !== undefined && after !== '' ? { after } : before !== undefined && before !== '' ? { before } : {};
  try {
    return await listHeld(ctx, { ...scope, ...order, ...position });
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'invalid_input') throw error;
    return listHeld(ctx, { ...scope, ...order });
  }
}

function orderOf(sort: HeldSearch['sort']): { sort: HeldSort; descending: boolean } {
  const name = sort?.replace(/^-/, '') ?? 'held';
  return {
    sort: heldSorts.find((known) => known === name) ?? 'held',
    descending: sort?.startsWith('-') ?? false,
  };
}

function pager(
  { items, next, previous }: HeldRows,
  { mails, isCapped }: { readonly mails: number; readonly isCapped: boolean },
  isFiltered: boolean,
): Pager {
  const all = `${formatNumber(mails)}${isCapped ? '+' : ''}`;
  return {
    summary:
      mails <= items.length
        ? formatCount(items.length, 'mail')
        : `${formatNumber(items.length)} of ${all} ${isFiltered ? 'that match' : 'mails'}`,
    nextCursor: next ?? undefined,
    previousCursor: previous ?? undefined,
  };
}

function allHeld(
  totals: HeldTotals,
  state: HeldPlace['state'],
  overview: OrganizationOverview,
  project: ProjectOverview | null,
): number {
  if (project !== null) return totals[state];
  return overview.projects.reduce((sum, { held }) => sum + held[state], 0);
}

/** The mail whose panel the address opens: one of this project, or one that this page lists. */
async function messagePanel(
  ctx: Context,
  organization: string,
  project: ProjectOverview | null,
  { items }: HeldRows,
  id: string | undefined,
) {
  if (id === undefined) return undefined;
  const slug = project?.slug ?? items.find((item) => item.id === id)?.project.slug;
  if (slug === undefined) return undefined;
  try {
    return <MessagePanel loaded={await loadMessage(ctx, slug, id)} organization={organization} />;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'not_found') return undefined;
    throw error;
  }
}
