import { remedyFor } from '../doctor/remedies.ts';
import { paths } from '../paths.ts';
import type { Announcement } from './announcement.ts';

/** Which project is spoken of. */
export interface AboutProject {
  readonly project: { readonly name: string; readonly slug: string };
  readonly organization: { readonly name: string; readonly slug: string };
  readonly timeZone: string;
}

interface Facts {
  readonly announcedAt: Date;
  readonly portalUrl: string;
}

interface Words {
  readonly subject: string;
  /** What has happened, and what is to be done; paragraphs. */
  readonly paragraphs: readonly string[];
}

/** Subject and text of the mail that tells of it. Pure: the same announcement reads the same whenever it is mailed. */
export function composeAnnouncement(
  told: Announcement,
  about: AboutProject,
  { announcedAt, portalUrl }: Facts,
): { readonly subject: string; readonly text: string } {
  const { subject, paragraphs } = wordsOf(told, about, announcedAt);
  const settings = portalUrl + paths.mailSettings(about.organization.slug, about.project.slug);
  const text = [
    ...paragraphs,
    `Mail settings of ${about.project.name}:\n${settings}`,
    `You get this mail because you can change the mail settings of this project of ${about.organization.name}. Who sends these notices is set here:\n${portalUrl}${paths.organizationSettings(about.organization.slug)}`,
  ].join('\n\n');
  return { subject, text: `${text}\n` };
}

function wordsOf(told: Announcement, about: AboutProject, announcedAt: Date): Words {
  const { name } = about.project;
  switch (told.kind) {
    case 'credential_ends':
      return endWords(told.facts, about, announcedAt);
    case 'connection_stopped':
      return {
        subject: `${name}: sending has stopped`,
        paragraphs: [
          `Sending of ${name} has stopped since ${at(announcedAt, about)}: ${remedyFor(told.facts.code).happened}`,
          ...quoted(told.facts.reply),
          remedyFor(told.facts.code).todo,
          'Its mail waits meanwhile; none is lost.',
        ],
      };
    case 'consent_needed':
      return {
        subject: `${name}: a new consent is needed`,
        paragraphs: [
          `${name} cannot sign in to its mail server any more since ${at(announcedAt, about)}: ${remedyFor(told.facts.code).happened}`,
          ...quoted(told.facts.reply),
          'Open the mail settings and consent again, or make a link there for the owner of the mailbox.',
          'Its mail waits meanwhile; none is lost.',
        ],
      };
    case 'went_to_alternate': {
      const { primary, alternate, reason } = told.facts;
      return {
        subject: `${name}: mail goes by the alternate server`,
        paragraphs: [
          `Since ${at(announcedAt, about)} the mail of ${name} goes by ${alternate}, because ${primary} could not be used: ${remedyFor(reason).happened}`,
          'It stays there though the primary answers again. Reconnect to the primary on the page of the project, or save its mail settings.',
        ],
      };
    }
    case 'servers_unreachable': {
      const { primary, alternate, reason } = told.facts;
      return {
        subject: `${name}: neither mail server can be reached`,
        paragraphs: [
          `Since ${at(announcedAt, about)} neither ${primary} nor ${alternate} can be reached: ${remedyFor(reason).happened}`,
          'Mailroom tries both in turn, and mail goes by the first that answers. It waits meanwhile; none is lost.',
        ],
      };
    }
    case 'returned_to_primary':
      return {
        subject: `${name}: mail goes by the primary server again`,
        paragraphs: [
          `Since ${at(announcedAt, about)} the mail of ${name} goes by its primary server again: ${returnWords[told.facts.why]}.`,
          'Nothing is to be done.',
        ],
      };
    default:
      return told satisfies never;
  }
}

const returnWords = {
  service_restarted: 'all workers of Mailroom were restarted',
  primary_answers: 'it has answered for as long as the mail settings ask',
  alternate_unreachable: 'the alternate could not be reached, and the primary answered first',
} as const;

const credentialWords = {
  client_secret: {
    what: 'client secret',
    todo: 'Make a new client secret at the provider, and save its value and its end in the mail settings before then.',
  },
  certificate: {
    what: 'certificate for signing in',
    todo: 'Make a new certificate, upload it at the provider, and save it with its private key in the mail settings before then.',
  },
  token: { what: 'consent', todo: 'Open the mail settings and consent again before then.' },
} as const;

const dayMs = 24 * 3_600_000;

function endWords(
  { credential, endsAt }: Extract<Announcement, { kind: 'credential_ends' }>['facts'],
  about: AboutProject,
  announcedAt: Date,
): Words {
  const { what, todo } = credentialWords[credential];
  const ends = new Date(endsAt);
  const days = Math.max(1, Math.ceil((ends.getTime() - announcedAt.getTime()) / dayMs));
  const left = days === 1 ? 'within a day' : `in ${days} days`;
  const { name } = about.project;
  return {
    subject: `${name}: the ${what} ends ${left}`,
    paragraphs: [
      `The ${what} of ${name} ends ${left}, at ${at(ends, about)}. From then on no mail of this project is sent.`,
      todo,
    ],
  };
}

function at(instant: Date, { timeZone }: AboutProject): string {
  const words = new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
  }).format(instant);
  return `${words} (${timeZone})`;
}

/** What a server says is foreign text: one line, set off. */
function quoted(reply: string | null): string[] {
  return reply === null || reply.trim() === '' ? [] : [`The server said:\n> ${oneLine(reply)}`];
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{C}\p{Z}]+/gu, ' ').trim();
}
