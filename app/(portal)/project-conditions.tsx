import type { ReactNode } from 'react';
import { remedyFor } from '#lib/doctor/remedies.ts';
import type { ProjectOverview } from '#lib/overview/present-project.ts';
import { formatCount, formatNumber } from '../_ui/format-number.ts';
import { Mono } from '../_ui/machine-words.tsx';
import { RelativeTime } from '../_ui/time.tsx';
import { endsWords } from './[org]/-/connections/connection-words.ts';
import { type Condition, mailsWait, waitingWords } from './condition.ts';
import { serverConditions } from './server-conditions.tsx';

/** Every condition that stands now, the gravest first. */
export function projectConditions(project: ProjectOverview): Condition[] {
  if (project.archivedAt !== null) return [archived(project.archivedAt)];
  if (project.server === null) return [notSetUp(project)];
  const found = [
    stopped(project),
    consentMissing(project),
    paused(project),
    atLimit(project),
    heldForPerson(project),
    ...serverConditions(project),
    proofFails(project),
    endsSoon(project),
    uncertain(project),
    mode(project),
  ];
  return found.filter((condition) => condition !== null);
}

function archived(at: Date): Condition {
  return {
    kind: 'archived',
    tone: 'plain',
    glyph: 'archived',
    title: 'This project is archived.',
    detail: 'It takes no mail; what was unfinished stays as it is.',
    since: at,
    actions: ['restore'],
    needsPerson: false,
  };
}

function notSetUp({ waiting: count }: ProjectOverview): Condition {
  return {
    kind: 'not_set_up',
    tone: 'plain',
    glyph: 'queued',
    title: 'Mail is not set up.',
    detail: count === 0 ? 'Mail that is handed over waits until it is.' : waitingWords(count),
    since: null,
    actions: ['set_up'],
    needsPerson: count > 0,
  };
}

function stopped({ stop, waiting: count }: ProjectOverview): Condition | null {
  if (stop === null) return null;
  return {
    kind: 'stopped',
    tone: 'red',
    glyph: 'failed',
    title: remedyFor(stop.code).happened,
    detail: (
      <>
        {waitingWords(count)} {stop.reply !== '' && <Mono>{stop.reply}</Mono>}
      </>
    ),
    since: stop.at,
    actions: ['mail_settings', 'try_again'],
    needsPerson: true,
  };
}

/** A lane that stopped for it says so itself. */
function consentMissing({ connection, stop, waiting: count }: ProjectOverview): Condition | null {
  if (connection.state !== 'consent_missing' || stop !== null) return null;
  return {
    kind: 'consent_missing',
    tone: 'red',
    glyph: 'failed',
    title: 'The consent to send is missing.',
    detail: `${waitingWords(count)} Consent in the mail settings.`,
    since: null,
    actions: ['mail_settings', 'connections'],
    needsPerson: true,
  };
}

/** What stops the mail or makes it wait says more than the proof. */
function proofFails({ connection, stop, wait, alternate }: ProjectOverview): Condition | null {
  const { state, lastError } = connection;
  if (state !== 'fails' || lastError === null || stop !== null || wait !== null || alternate !== null) {
    return null;
  }
  const { happened, todo } = remedyFor(lastError.code);
  return {
    kind: 'proof_fails',
    tone: 'red',
    glyph: 'failed',
    title: `${lastError.isAlternate ? 'The alternate server fails its proof' : 'The connection fails its proof'}: ${happened}`,
    detail: todo,
    since: lastError.at,
    actions: ['connections', 'mail_settings'],
    needsPerson: true,
  };
}

function endsSoon({ connection }: ProjectOverview): Condition | null {
  const [first, ...others] = connection.endsSoon;
  if (first === undefined) return null;
  const { what, when } = endsWords(first);
  const isOurs = first.kind !== 'server_certificate' && first.kind !== 'alternate_certificate';
  return {
    kind: 'ends_soon',
    tone: first.daysLeft < 0 ? 'red' : 'amber',
    glyph: 'soon',
    title: `${what} ${when}.`,
    detail: [
      isOurs
        ? `Mail stops when it has ended; ${first.kind === 'token' ? 'consent again' : 'save a new one'} before.`
        : 'Whoever runs the mail server renews it.',
      ...others.map((end) => `${endsWords(end).what} ${endsWords(end).when}.`),
    ].join(' '),
    since: null,
    actions: [isOurs ? 'mail_settings' : 'connections'],
    needsPerson: true,
  };
}

const pauseDetails: Readonly<Record<string, string>> = {
  by_hand: 'It does not start by itself.',
  editing: 'The mail settings were being edited. It does not start by itself.',
  restored: 'The project came back from the archive. It does not start by itself.',
};

function paused({ paused: pause, waiting: count }: ProjectOverview): Condition | null {
  if (pause === null) return null;
  return {
    kind: 'paused',
    tone: 'plain',
    glyph: 'paused',
    title: pause.by === '' ? 'Sending is paused.' : `Sending is paused by ${pause.by}.`,
    detail: `${pauseDetails[pause.reason] ?? 'It does not start by itself.'}${count > 0 ? ` ${mailsWait(count)}.` : ''}`,
    since: pause.at,
    actions: ['start_sending'],
    needsPerson: true,
  };
}

function atLimit({ dayLimit, held, autoResumes }: ProjectOverview): Condition | null {
  if (dayLimit?.isReached !== true) return null;
  const { backlog } = held;
  const count = `${formatCount(backlog, 'mail')} ${backlog === 1 ? 'is' : 'are'} held`;
  const staysHeld = held.byDayLimit > 0 && !autoResumes;
  return {
    kind: 'at_limit',
    tone: 'violet',
    glyph: 'backlog',
    title: `Today's limit of ${formatNumber(dayLimit.limit)} is reached.`,
    detail: staysHeld ? (
      `${count} until a person resumes ${backlog === 1 ? 'it' : 'them'} or the limit is raised.`
    ) : (
      <>
        {dayLimit.endsAt === null ? (
          'Sending goes on as mail of the last 24 hours leaves the count.'
        ) : (
          <>
            Sending pauses until midnight, <RelativeTime iso={dayLimit.endsAt.toISOString()} />.
          </>
        )}{' '}
        {backlog > 0 && `${count}.`}
      </>
    ),
    since: held.oldestAt,
    actions: ['review_backlog'],
    needsPerson: staysHeld || held.byFlood + held.byRecipientsLimit > 0,
  };
}

/** Held mails that no new day lets go; at the limit its own condition speaks for them. */
function heldForPerson({ dayLimit, held }: ProjectOverview): Condition | null {
  const count = held.byFlood + held.byRecipientsLimit;
  if (count === 0 || dayLimit?.isReached === true) return null;
  const why = [
    held.byRecipientsLimit > 0 && `${formatNumber(held.byRecipientsLimit)} with too many recipients`,
    held.byFlood > 0 && `${formatNumber(held.byFlood)} that look like a flood`,
  ].filter((words) => words !== false);
  return {
    kind: 'held_for_person',
    tone: 'violet',
    glyph: 'backlog',
    title: `${formatCount(count, 'held mail')} ${count === 1 ? 'waits' : 'wait'} for a person.`,
    detail: `${why.join(', ')}.`,
    since: held.oldestAt,
    actions: ['review_backlog'],
    needsPerson: true,
  };
}

function uncertain({ uncertain: count }: ProjectOverview): Condition | null {
  if (count === 0) return null;
  return {
    kind: 'uncertain',
    tone: 'amber',
    glyph: 'uncertain',
    title: `${formatCount(count, 'mail')} may have been sent or not.`,
    detail: 'The server gave no answer after the last byte. A person decides whether to send again.',
    since: null,
    actions: ['review_uncertain'],
    needsPerson: true,
  };
}

function mode({ mode: now, captured }: ProjectOverview): Condition | null {
  const words = modeWords(now);
  if (words === null) return null;
  return {
    kind: 'mode',
    tone: 'amber',
    glyph: 'captured',
    title: words,
    detail:
      captured === 0
        ? 'This is the sending mode of the project.'
        : `${formatCount(captured, 'mail')} captured so far.`,
    since: null,
    actions: ['mail_settings'],
    needsPerson: false,
  };
}

function modeWords(now: ProjectOverview['mode']): ReactNode {
  switch (now.kind) {
    case 'live':
      return null;
    case 'capture':
      return 'Nothing leaves: every mail is captured.';
    case 'redirect':
      return `Every mail goes to ${now.to} instead of its recipients.`;
    case 'allow_list':
      return 'Only listed addresses get mail; the rest is captured.';
    default:
      return now satisfies never;
  }
}
