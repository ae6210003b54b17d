'use client';

import { useState } from 'react';
import type { PoolSuggestion } from '#lib/pools/suggest-pools.ts';
import { paths } from '#lib/paths.ts';
import { Fact, Facts } from '#app/_components/facts.tsx';
import { Button, LinkButton } from '#app/_ui/button.tsx';
import { formatCount } from '#app/_ui/format-number.ts';
import { Glyph } from '#app/_ui/glyph.tsx';
import { Mono } from '#app/_ui/machine-words.tsx';
import { showToast } from '#app/_ui/toast.tsx';
import { attachProjectAction } from './actions.ts';

interface SuggestionsProps {
  readonly organization: string;
  readonly suggestions: readonly PoolSuggestion[];
  readonly why: string | false;
}

/** Where projects share an account without a pool: each would send as if the provider's figures were its own. */
export function Suggestions({ organization, suggestions, why }: SuggestionsProps) {
  if (suggestions.length === 0) return null;
  return (
    <Facts>
      {suggestions.map((each) => (
        <Fact
          key={`${each.host} ${each.account}`}
          glyph={<Glyph name="soon" tone="amber" />}
          title={namesOf(each)}
          action={<Act organization={organization} suggestion={each} why={why} />}
        >
          {each.projects.length === 1 ? 'sends' : 'send'} through <Mono>{each.host}</Mono> as{' '}
          <Mono>{each.account}</Mono>
          {each.pool === null
            ? '. One pool shares what the provider grants between them.'
            : `, as the projects of ${each.pool.name} do.`}
        </Fact>
      ))}
    </Facts>
  );
}

function namesOf({ projects }: PoolSuggestion): string {
  const names = projects.map(({ name }) => name);
  const last = names.at(-1) ?? '';
  if (names.length > 3) return `${names.slice(0, 2).join(', ')} and ${names.length - 2} others`;
  return names.length === 1 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

function Act({
  organization,
  suggestion,
  why,
}: {
  organization: string;
  suggestion: PoolSuggestion;
  why: string | false;
}) {
  const [isPending, setIsPending] = useState(false);
  const { pool, projects, preset } = suggestion;
  if (pool === null) {
    if (why !== false) return <Button why={why}>Make a pool</Button>;
    const query = { preset, name: suggestion.account, projects: projects.map(({ slug }) => slug).join(' ') };
    return <LinkButton href={paths.newPool(organization, query)}>Make a pool</LinkButton>;
  }
  async function add(to: NonNullable<PoolSuggestion['pool']>) {
    setIsPending(true);
    const results = [];
    for (const { id } of projects) {
      results.push(await attachProjectAction(organization, { pool: to.id, project: id }).catch(() => null));
    }
    setIsPending(false);
    const failed = results.find((result) => result?.ok !== true);
    if (failed === undefined)
      showToast({ title: `${formatCount(projects.length, 'project')} added to ${to.name}` });
    else {
      showToast({
        title: failed?.ok === false ? failed.error.message : 'The portal does not answer.',
        glyph: 'failed',
        tone: 'red',
      });
    }
  }
  return (
    <Button why={why} pending={isPending && 'Adding…'} onClick={() => void add(pool)}>
      Add to the pool
    </Button>
  );
}
