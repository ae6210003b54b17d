import type { Metadata } from 'next';
import { can } from '#lib/access/can.ts';
import type { Context } from '#lib/context.ts';
import { DomainError } from '#lib/errors.ts';
import { countMatchingMessages } from '#lib/messages/count-matching-messages.ts';
import { countCap } from '#lib/messages/count-messages.ts';
import { listUncertain } from '#lib/messages/list-uncertain.ts';
import { paths } from '#lib/paths.ts';
import type { Filter } from '#app/_components/filter-bar.tsx';
import { PageHead } from '#app/_components/page-head.tsx';
import { WorkArea } from '#app/_components/work-area.tsx';
import { requireContext } from '#app/_server/context.ts';
import { requireProject } from '#app/_server/overview.ts';
import { LinkButton } from '#app/_ui/button.tsx';
import { EmptyState } from '#app/_ui/empty-state.tsx';
import { formatCount, formatNumber } from '#app/_ui/format-number.ts';
import { loadMessage } from '../messages/load-message.ts';
import { MessagePanel } from '../messages/message-panel.tsx';
import { filterOf, isFiltered, listInput, messageSearch } from '../messages/message-search.ts';
import { MessageRunFacts } from '../messages/run-facts.tsx';
import { UncertainList } from './uncertain-list.tsx';
import { toUncertainRow } from './uncertain-row.ts';

export const metadata: Metadata = { title: 'Uncertain' };

interface UncertainPageProps {
  params: Promise<{ org: string; project: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** Mails of the project of which nobody knows whether they arrived; a person says what becomes of them (PRODUCT 4.8). */
export default async function UncertainPage({ params, searchParams }: UncertainPageProps) {
  const { org, project: slug } = await params;
  const { state: _, ...search } = messageSearch.parse(await searchParams);
  const ctx = await requireContext(org);
  const project = await requireProject(ctx, slug);
  const now = ctx.clock.now();
  const filter = { ...filterOf(search, now), state: ['uncertain' as const] };
  const { state: __, ...asked } = listInput(search, now);
  const page = await listUncertain(ctx, { project: slug, ...asked });
  const { older, newer, messages } = page;
  const isWhole = older === null && newer === null;
  const total = isWhole ? messages.length : await countMatchingMessages(ctx, { project: slug, ...filter });
  return (
    <WorkArea panel={await panel(ctx, org, slug, search.message)}>
      <PageHead
        title="Uncertain"
        actions={
          <LinkButton big href={paths.delivery(org, slug)}>
            Delivery
          </LinkButton>
        }
      >
        Mail of {project.name} that may have arrived or not: the server gave no answer after the last byte. It
        stays here until a person decides.
      </PageHead>
      <MessageRunFacts ctx={ctx} organization={org} project={project} />
      <UncertainList
        organization={org}
        project={slug}
        rows={messages.map(toUncertainRow)}
        filter={filter}
        totalMatching={Math.min(total, countCap)}
        isTotalCapped={total > countCap}
        filters={filters}
        pager={{
          summary:
            total === messages.length
              ? formatCount(total, 'mail')
              : `${formatNumber(messages.length)} of ${formatNumber(Math.min(total, countCap))}${total > countCap ? '+' : ''} mails`,
          ...(older === null ? {} : { nextCursor: older }),
          ...(newer === null ? {} : { previousCursor: newer }),
        }}
        mayDecide={can(ctx.actor, 'messages.decide', project.id) && project.archivedAt === null}
        empty={
          isFiltered(search) ? (
            <EmptyState
              kind="nothing-matches"
              title="No uncertain mail matches"
              actions={<LinkButton href={paths.uncertain(org, slug)}>Clear filters</LinkButton>}
            >
              Other uncertain mail of {project.name} may be hidden by the filters.
            </EmptyState>
          ) : (
            <EmptyState
              kind="nothing-yet"
              title="No mail is in doubt"
              actions={<LinkButton href={paths.delivery(org, slug)}>Delivery</LinkButton>}
            >
              Mail comes here when nobody knows whether it arrived and it is not sent again by itself.
            </EmptyState>
          )
        }
      />
    </WorkArea>
  );
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
];

async function panel(ctx: Context, org: string, slug: string, message: string | undefined) {
  if (message === undefined) return undefined;
  try {
    return <MessagePanel loaded={await loadMessage(ctx, slug, message)} organization={org} />;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'not_found') return undefined;
    throw error;
  }
}
