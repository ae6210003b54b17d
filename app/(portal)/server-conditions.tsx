import type { ReactNode } from 'react';
import { remedyFor } from '#lib/doctor/remedies.ts';
import type { ProjectOverview } from '#lib/overview/present-project.ts';
import { presetOf, presets } from '#lib/settings/presets.ts';
import { formatCount } from '../_ui/format-number.ts';
import { Mono } from '../_ui/machine-words.tsx';
import { RelativeTime } from '../_ui/time.tsx';
import { type Condition, waitingWords } from './condition.ts';

/** What the servers of a project do to its mail by themselves, the gravest first (PRODUCT 5.11, 6.2). */
export function serverConditions(project: ProjectOverview): (Condition | null)[] {
  return [bothDown(project), waiting(project), slowed(project), onAlternate(project)];
}

function waiting({ wait, server, bothDownSince, waiting: count }: ProjectOverview): Condition | null {
  if (wait === null || bothDownSince !== null) return null;
  const tries = (
    <>
      Mailroom tries again <RelativeTime iso={wait.until.toISOString()} />. {waitingWords(count)}
    </>
  );
  const shared = {
    kind: wait.kind,
    tone: 'amber',
    glyph: 'retrying',
    since: wait.since,
    actions: ['try_again'],
    needsPerson: false,
  } as const;
  if (wait.kind === 'unreachable') {
    return { ...shared, title: 'The server cannot be reached.', detail: tries };
  }
  return {
    ...shared,
    title: (
      <>
        {providerWords(server)} asked to wait until{' '}
        <RelativeTime iso={wait.until.toISOString()} style="clock" />.
      </>
    ),
    detail: (
      <>
        {waitingWords(count)} No try is spent. {wait.reply !== '' && <Mono>{wait.reply}</Mono>}
      </>
    ),
  };
}

/** "Microsoft 365" where the server is known, else "The server". */
function providerWords(server: ProjectOverview['server']): string {
  const preset = server === null ? 'other' : presetOf(server.host);
  return presets.find(({ id, host }) => id === preset && host !== null)?.name ?? 'The server';
}

/** The wait is over, and not all connections are used yet. */
function slowed({ slowed: now, wait, server }: ProjectOverview): Condition | null {
  if (now === null || wait !== null || server === null) return null;
  return {
    kind: 'slowed',
    tone: 'plain',
    glyph: 'retrying',
    title: `${providerWords(server)} asked to slow down.`,
    detail: (
      <>
        Mail goes by {now.connections} of {formatCount(server.maxConnections, 'connection')}, and by all of
        them again from <RelativeTime iso={now.until.toISOString()} style="clock" /> on.
      </>
    ),
    since: null,
    actions: [],
    needsPerson: false,
  };
}

/** Both servers are tried in turn: mail goes by the first that answers. */
function bothDown({ bothDownSince, wait, waiting: count }: ProjectOverview): Condition | null {
  if (bothDownSince === null) return null;
  return {
    kind: 'both_down',
    tone: 'red',
    glyph: 'failed',
    title: 'Neither server can be reached.',
    detail: (
      <>
        Mailroom tries both in turn
        {wait !== null && (
          <>
            , again <RelativeTime iso={wait.until.toISOString()} />
          </>
        )}
        . {waitingWords(count)}
      </>
    ),
    since: bothDownSince,
    actions: ['try_again', 'mail_settings'],
    needsPerson: true,
  };
}

function onAlternate({ alternate, bothDownSince, server }: ProjectOverview): Condition | null {
  if (alternate === null || bothDownSince !== null) return null;
  const host = server?.alternateHost ?? null;
  return {
    kind: 'on_alternate',
    tone: 'amber',
    glyph: 'alternate',
    title: `Mail goes by the alternate server${host === null ? '' : `, ${host}`}.`,
    detail: alternateWords(alternate, server?.returnAfterMinutes ?? null),
    since: alternate.since,
    actions: ['reconnect'],
    needsPerson: (server?.returnAfterMinutes ?? null) === null,
  };
}

function alternateWords(
  { reason, primaryUpSince }: NonNullable<ProjectOverview['alternate']>,
  returnAfterMinutes: number | null,
): ReactNode {
  const why = reason === '' ? 'The primary could not be reached.' : remedyFor(reason).happened;
  if (primaryUpSince === null) return `${why} The primary does not answer yet.`;
  const answers = (
    <>
      {why} The primary answers again since <RelativeTime iso={primaryUpSince.toISOString()} style="minute" />
      .
    </>
  );
  if (returnAfterMinutes === null) return answers;
  const returnsAt = new Date(primaryUpSince.getTime() + returnAfterMinutes * 60_000);
  return (
    <>
      {answers} Mail goes back to it by itself at <RelativeTime iso={returnsAt.toISOString()} style="clock" />{' '}
      if it goes on.
    </>
  );
}
