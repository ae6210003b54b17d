import type { Metadata } from 'next';
import { FilterBar } from '#app/_components/filter-bar.tsx';
import { KeysetPager } from '#app/_components/keyset-pager.tsx';
import { PageHead } from '#app/_components/page-head.tsx';
import { PageCrumb } from '#app/_components/shell-context.tsx';
import { WorkArea } from '#app/_components/work-area.tsx';
import { LinkButton } from '#app/_ui/button.tsx';
import { EmptyState } from '#app/_ui/empty-state.tsx';
import { formatCount } from '#app/_ui/format-number.ts';
import type { Context } from '#lib/context.ts';
import { paths } from '#lib/paths.ts';
import { compareSettingsVersions } from '#lib/settings/compare-settings-versions.ts';
import { getMailSettings } from '#lib/settings/get-mail-settings.ts';
import { isSettingsPath } from '#lib/settings/fields.ts';
import { settingsLabels } from '#lib/settings/labels.ts';
import { listSettingsVersions, type SettingsVersions } from '#lib/settings/list-settings-versions.ts';
import { readOrNotFound, requireContext } from '#app/_server/context.ts';
import { changeWords } from '../change-words.ts';
import { ComparePanel } from './compare-panel.tsx';
import { type HistoryQuery, historyQuery, pageBound, versionsPerPage } from './history-query.ts';
import { HistoryTable } from './history-table.tsx';

export const metadata: Metadata = { title: 'History of mail settings' };

interface HistoryPageProps {
  params: Promise<{ org: string; project: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function SettingsHistoryPage({ params, searchParams }: HistoryPageProps) {
  const { org, project: slug } = await params;
  const query = historyQuery.parse(await searchParams);
  const ctx = await requireContext(org);
  const current = await readOrNotFound(getMailSettings(ctx, { project: slug }));
  const { project } = current;
  const page = await listSettingsVersions(ctx, listInput(slug, query));
  const compared = await readCompared(ctx, slug, query);
  return (
    <WorkArea
      panel={
        compared && (
          <ComparePanel
            key={`${compared.from.version}-${compared.to.version}`}
            target={{ organization: org, project: project.slug }}
            compared={compared}
            newest={current.lastChange?.version ?? compared.to.version}
            currentVersion={current.version}
            mayRestore={current.may.write && !project.isArchived}
            showsAll={query.all !== undefined}
            historyHref={paths.settingsHistory(org, project.slug)}
          />
        )
      }
    >
      <PageCrumb label="History" />
      <PageHead
        title="History of mail settings"
        actions={
          <LinkButton big href={paths.mailSettings(org, project.slug)}>
            Mail settings
          </LinkButton>
        }
      >
        {`Every change to the mail settings of ${project.name}. Nobody can edit this list.`}
      </PageHead>
      <FilterBar filters={filtersOf(page)} />
      {page.versions.length === 0 ? (
        <NothingShown org={org} slug={project.slug} isFiltered={current.lastChange !== null} />
      ) : (
        <>
          <HistoryTable
            rows={page.versions.map((version) => ({ ...rowOf(version), words: changeWords(version) }))}
            from={query.from ?? null}
            to={query.to ?? null}
          />
          <KeysetPager pager={pagerOf(page, query)} withKeys={false} />
        </>
      )}
    </WorkArea>
  );
}

function NothingShown({ org, slug, isFiltered }: { org: string; slug: string; isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <EmptyState
        kind="nothing-matches"
        title="No change matches"
        actions={<LinkButton href={paths.settingsHistory(org, slug)}>Clear filters</LinkButton>}
      >
        Take a filter away to see the other versions.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      kind="nothing-yet"
      title="No version yet"
      actions={
        <LinkButton variant="primary" href={paths.mailSettings(org, slug)}>
          Set up mail
        </LinkButton>
      }
    >
      The first version appears here when the mail settings are saved.
    </EmptyState>
  );
}

function listInput(project: string, query: HistoryQuery) {
  const { by, field } = query;
  const before = pageBound(query);
  return {
    project,
    limit: versionsPerPage,
    ...(before === undefined ? {} : { before }),
    ...(by === undefined ? {} : { by }),
    ...(field === undefined ? {} : { field }),
  };
}

async function readCompared(ctx: Context, project: string, { from, to }: HistoryQuery) {
  if (from === undefined || to === undefined) return null;
  return readOrNotFound(compareSettingsVersions(ctx, { project, from, to }));
}

function rowOf({ version, at, by, sourceIp, from, isCurrent }: SettingsVersions['versions'][number]) {
  return { version, at, by, isCurrent, source: sourceIp === null ? from : `${sourceIp}, ${from}` };
}

function filtersOf({ versions }: SettingsVersions) {
  const people = [...new Set(versions.map(({ by }) => by))].toSorted();
  const fields = Object.entries(settingsLabels).filter(([path]) => isSettingsPath(path));
  return [
    {
      kind: 'choice' as const,
      param: 'by',
      name: 'Who',
      options: people.map((by) => ({ value: by, label: by })),
    },
    {
      kind: 'choice' as const,
      param: 'field',
      name: 'Field',
      options: fields.map(([value, { label }]) => ({ value, label })),
    },
  ];
}

function pagerOf({ versions, next }: SettingsVersions, { after, before }: HistoryQuery) {
  const isLater = after !== undefined || before !== undefined;
  const first = versions[0]?.version;
  return {
    summary: formatCount(versions.length, 'version'),
    ...(next === null ? {} : { nextCursor: String(next) }),
    ...(isLater && first !== undefined ? { previousCursor: String(first) } : {}),
  };
}
