import { can } from '#lib/access/can.ts';
import { wordsOf } from '#lib/audit/action-words.ts';
import { listAuditEntries } from '#lib/audit/list-audit-entries.ts';
import { listAuditFacets } from '#lib/audit/list-audit-facets.ts';
import type { Context } from '#lib/context.ts';
import type { ReactNode } from 'react';
import { FilterBar, type Filter } from '../../_components/filter-bar.tsx';
import { PageHead } from '../../_components/page-head.tsx';
import { WorkArea } from '../../_components/work-area.tsx';
import { EmptyState } from '../../_ui/empty-state.tsx';
import { whyNot } from '../permission-words.ts';
import { EntryPanel } from './entry-panel.tsx';
import { HistoryTable } from './history-table.tsx';
import { type HistoryQuery, historyParams } from './history-query.ts';

export interface HistoryPageProps {
  readonly ctx: Context;
  /** Null: the whole organization. */
  readonly project: { readonly id: string; readonly name: string } | null;
  readonly query: HistoryQuery;
  readonly title: string;
  readonly actions?: ReactNode;
}

/** Who did what to what, when and from where; filters and pages stand in the address. */
export async function HistoryPage({ ctx, project, query, title, actions }: HistoryPageProps) {
  const head = (
    <PageHead title={title} actions={actions}>
      Every change to {project?.name ?? 'the organization'}. Nobody can edit this list.
    </PageHead>
  );
  if (!can(ctx.actor, 'audit.read', project?.id ?? null)) {
    return (
      <WorkArea>
        {head}
        <EmptyState kind="no-permission" title="You may not read the history">
          {whyNot('audit.read')}
        </EmptyState>
      </WorkArea>
    );
  }
  const scope = project === null ? {} : { project: project.id };
  const [facets, { entries, older, newer }] = await Promise.all([
    listAuditFacets(ctx, scope),
    listAuditEntries(ctx, { ...scope, ...query.filters, ...query.page }),
  ]);
  const open = entries.find(({ id }) => id === query.entry);
  return (
    <WorkArea panel={open === undefined ? undefined : <EntryPanel entry={open} />}>
      {head}
      <FilterBar filters={filters(facets.actors, facets.actions)} />
      <HistoryTable
        rows={entries}
        showsProject={project === null}
        isFiltered={Object.keys(query.filters).length > 0}
        older={older}
        newer={newer}
      />
    </WorkArea>
  );
}

function filters(actors: readonly string[], actions: readonly string[]): Filter[] {
  return [
    {
      param: historyParams.by,
      name: 'Who',
      kind: 'choice',
      options: actors.map((actor) => ({ value: actor, label: actor })),
    },
    {
      param: historyParams.action,
      name: 'What',
      kind: 'choice',
      options: actions
        .map((action) => ({ value: action, label: wordsOf(action) }))
        .toSorted((a, b) => a.label.localeCompare(b.label)),
    },
    { param: historyParams.since, name: 'Since', kind: 'text', placeholder: '2026-11-19' },
    { param: historyParams.until, name: 'Until', kind: 'text', placeholder: '2026-11-20' },
  ];
}
