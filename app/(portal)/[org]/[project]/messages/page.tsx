import type { Metadata } from 'next';
import { can } from '#lib/access/can.ts';
import type { Context } from '#lib/context.ts';
import { DomainError } from '#lib/errors.ts';
import { countMatchingMessages } from '#lib/messages/count-matching-messages.ts';
import { countCap, countMessages, type MessageCounts } from '#lib/messages/count-messages.ts';
import { type MessageState, stateLabels } from '#lib/messages/labels.ts';
import { listMessages, type MessagePage } from '#lib/messages/list-messages.ts';
import type { ProjectOverview } from '#lib/overview/present-project.ts';
import { paths } from '#lib/paths.ts';
import type { Filter } from '#app/_components/filter-bar.tsx';
import { PageHead } from '#app/_components/page-head.tsx';
import { WorkArea } from '#app/_components/work-area.tsx';
import { requireContext } from '#app/_server/context.ts';
import { requireProject } from '#app/_server/overview.ts';
import { LinkButton } from '#app/_ui/button.tsx';
import { type CounterTab, CounterTabs } from '#app/_ui/counter-tabs.tsx';
import { EmptyState } from '#app/_ui/empty-state.tsx';
import { formatCount, formatNumber } from '#app/_ui/format-number.ts';
import { messageStateLooks } from '#app/_ui/state-labels.ts';
import { loadMessage } from './load-message.ts';
import { MessageList } from './message-list.tsx';
import { MessagePanel } from './message-panel.tsx';
import { toRow } from './message-row.ts';
import {
  filterOf,
  isFiltered,
  listInput,
  type MessageSearch,
  messageSearch,
  waitingStates,
} from './message-search.ts';
import { MessageRunFacts } from './run-facts.tsx';

export const metadata: Metadata = { title: 'Messages' };

interface MessagesPageProps {
  params: Promise<{ org: string; project: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function MessagesPage({ params, searchParams }: MessagesPageProps) {
  const { org, project: slug } = await params;
  const search = messageSearch.parse(await searchParams);
  const ctx = await requireContext(org);
  const project = await requireProject(ctx, slug);
  const page = await listMessages(ctx, { project: slug, ...listInput(search, ctx.clock.now()) });
  const counts = await countMessages(ctx, { project: slug });
  const filter = filterOf(search, ctx.clock.now());
  const isWhole = page.older === null && page.newer === null;
  const total =
    totalOf(search, counts) ??
    (isWhole ? page.messages.length : await countMatchingMessages(ctx, { project: slug, ...filter }));
  return (
    <WorkArea panel={await panel(ctx, org, slug, search)}>
      <PageHead title="Messages">What {project.name} handed over, newest first.</PageHead>
      <MessageRunFacts ctx={ctx} organization={org} project={project} />
      <CounterTabs tabs={tabs(counts, search, (state) => paths.messages(org, slug, { state }))} />
      <MessageList
        organization={org}
        project={slug}
        rows={page.messages.map(toRow)}
        pager={pager(page, total)}
        filters={filters}
        filter={filter}
        totalMatching={Math.min(total, countCap)}
        isTotalCapped={total > countCap}
        mayAct={can(ctx.actor, 'messages.cancel', project.id) && project.archivedAt === null}
        empty={empty(ctx, org, project, search)}
      />
    </WorkArea>
  );
}

// Always there, because a person looks for these; the others appear with their first message.
const lastingTabs = new Set<MessageState>(['queued', 'retrying', 'sent', 'failed']);
const shownTabs: readonly MessageState[] = [
  'queued',
  'sending',
  'retrying',
  'sent',
  'failed',
  'uncertain',
  'captured',
  'backlog',
  'suspended',
  'expired',
  'cancelled',
];

function tabs(
  counts: MessageCounts,
  search: MessageSearch,
  href: (state: NonNullable<MessageSearch['state']> | null) => string,
): CounterTab[] {
  const all = {
    label: 'All',
    href: href(null),
    current: search.state === undefined,
    ...counted(counts.all),
  };
  const states = shownTabs
    .filter((state) => lastingTabs.has(state) || counts.byState[state] > 0 || search.state === state)
    .map((state) => {
      const { glyph, tone, weight } = messageStateLooks[state];
      return {
        label: stateLabels[state].label,
        href: href(state),
        current: search.state === state,
        ...counted(counts.byState[state]),
        ...(weight === 'quiet' ? {} : { glyph: { name: glyph, tone } }),
      };
    });
  const waiting = {
    label: 'Waiting',
    href: href('waiting'),
    current: true,
    ...counted(countWaiting(counts)),
  };
  return [all, ...(search.state === 'waiting' ? [waiting] : []), ...states];
}

function countWaiting({ byState }: MessageCounts): number {
  return waitingStates.reduce((sum, state) => sum + byState[state], 0);
}

function counted(count: number): Pick<CounterTab, 'count' | 'isCapped'> {
  return { count: Math.min(count, countCap), isCapped: count > countCap };
}

const filters: readonly Filter[] = [
  {
    param: 'accepted',
    name: 'Accepted',
    kind: 'choice',
    options: [
      { value: 'hour', label: 'last hour' },
      { value: 'day', label: 'last 24 hours' },
      { value: 'week', label: 'last 7 days' },
    ],
  },
  { param: 'category', name: 'Category', kind: 'text', placeholder: 'ticket-reply' },
  { param: 'tag', name: 'Tag', kind: 'text', placeholder: 'invoice' },
  { param: 'repeated', name: 'May be repeated', kind: 'choice', options: [{ value: 'yes', label: 'yes' }] },
];

function pager({ messages, older, newer }: MessagePage, total: number) {
  const shown = formatNumber(messages.length);
  return {
    summary:
      total === messages.length
        ? formatCount(messages.length, 'mail')
        : `${shown} of ${formatNumber(Math.min(total, countCap))}${total > countCap ? '+' : ''} mails`,
    ...(older === null ? {} : { nextCursor: older }),
    ...(newer === null ? {} : { previousCursor: newer }),
  };
}

/** How many mails the address asks for, where the counters know it. */
function totalOf(search: MessageSearch, counts: MessageCounts): number | null {
  const { state, ...rest } = search;
  if (isFiltered(rest)) return null;
  if (state === undefined) return counts.all;
  return state === 'waiting' ? countWaiting(counts) : counts.byState[state];
}

function empty(ctx: Context, org: string, project: ProjectOverview, search: MessageSearch) {
  if (isFiltered(search)) {
    return (
      <EmptyState
        kind="nothing-matches"
        title="No mail matches"
        actions={<LinkButton href={paths.messages(org, project.slug)}>Clear filters</LinkButton>}
      >
        Other mail of {project.name} is hidden by the filters.
      </EmptyState>
    );
  }
  const isSetUp = project.server !== null;
  return (
    <EmptyState
      kind="nothing-yet"
      title="No mail yet"
      actions={
        isSetUp ? (
          can(ctx.actor, 'keys.read', project.id) && (
            <LinkButton href={paths.keys(org, project.slug)}>API keys</LinkButton>
          )
        ) : (
          <LinkButton variant="primary" href={paths.mailSettings(org, project.slug)}>
            Set up mail
          </LinkButton>
        )
      }
    >
      Mail of {project.name} appears here as soon as it is handed over.{' '}
      {isSetUp ? 'Programs hand it over with an API key.' : 'Set up its server first; a test mail proves it.'}
    </EmptyState>
  );
}

async function panel(ctx: Context, org: string, slug: string, { message }: MessageSearch) {
  if (message === undefined) return undefined;
  try {
    return <MessagePanel loaded={await loadMessage(ctx, slug, message)} organization={org} />;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'not_found') return undefined;
    throw error;
  }
}
