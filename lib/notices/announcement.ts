import { z } from 'zod';

/** What Mailroom tells people of by mail, with the facts that its words are made of. */
export const announcement = z.discriminatedUnion('kind', [
  /** A client secret, certificate or token ends (PRODUCT 2.19). */
  z.strictObject({
    kind: z.literal('credential_ends'),
    facts: z.strictObject({
      credential: z.enum(['client_secret', 'certificate', 'token']),
      endsAt: z.iso.datetime(),
      daysAhead: z.int(),
    }),
  }),
  /** Sign-in or configuration is at fault: nothing of the project is sent until a person acts. */
  z.strictObject({
    kind: z.literal('connection_stopped'),
    facts: z.strictObject({ code: z.string(), reply: z.string().nullable() }),
  }),
  /** The consent is missing, was withdrawn or has ended. */
  z.strictObject({
    kind: z.literal('consent_needed'),
    facts: z.strictObject({ code: z.string(), reply: z.string().nullable() }),
  }),
  /** The primary server cannot be reached, and mail goes by the alternate (PRODUCT 6.1). */
  z.strictObject({
    kind: z.literal('went_to_alternate'),
    /** Two hosts, and the code of the fault that made it leave the first. */
    facts: z.strictObject({ primary: z.string(), alternate: z.string(), reason: z.string() }),
  }),
  /** Neither server can be reached: mail waits until one of them answers. */
  z.strictObject({
    kind: z.literal('servers_unreachable'),
    facts: z.strictObject({ primary: z.string(), alternate: z.string(), reason: z.string() }),
  }),
  /** Mail goes by the primary again, and nobody here has done that (PRODUCT 6.3). */
  z.strictObject({
    kind: z.literal('returned_to_primary'),
    facts: z.strictObject({
      why: z.enum(['service_restarted', 'primary_answers', 'alternate_unreachable']),
    }),
  }),
]);
export type Announcement = z.output<typeof announcement>;
export type AnnouncementKind = Announcement['kind'];

/** The categories of PRODUCT 8 that these belong to; callers cannot use them. */
export type NoticeCategory = 'mailroom.security' | 'mailroom.availability';

interface KindRule {
  readonly category: NoticeCategory;
  /** After so long nobody is told any more, and the mail ends. */
  readonly lastsHours: number;
  /** Of one project it is told once in so long: what goes up and down mails nobody each time. 0: whoever announces sees to it. */
  readonly restMinutes: number;
}

/** How each kind is mailed. */
export const kindRules: Readonly<Record<AnnouncementKind, KindRule>> = {
  credential_ends: { category: 'mailroom.security', lastsHours: 7 * 24, restMinutes: 0 },
  connection_stopped: { category: 'mailroom.availability', lastsHours: 24, restMinutes: 60 },
  consent_needed: { category: 'mailroom.security', lastsHours: 24, restMinutes: 60 },
  went_to_alternate: { category: 'mailroom.availability', lastsHours: 24, restMinutes: 60 },
  servers_unreachable: { category: 'mailroom.availability', lastsHours: 24, restMinutes: 60 },
  returned_to_primary: { category: 'mailroom.availability', lastsHours: 24, restMinutes: 60 },
};

const consentCodes: ReadonlySet<string> = new Set([
  'OAUTH_CONSENT_MISSING',
  'OAUTH_CONSENT_EXPIRED',
  'OAUTH_CONSENT_REQUIRED',
  'OAUTH_SESSION_ENDED',
  'OAUTH_NO_REFRESH_TOKEN',
  'OAUTH_GRANT_ENDED',
  'OAUTH_GRANT_REVOKED',
  'OAUTH_TOKEN_UNUSED',
  'OAUTH_SIGN_IN_FREQUENCY',
  'OAUTH_INTERACTION_REQUIRED',
]);

/** What a refused sign-in is told as: some want nothing but a new consent. */
export function stopAnnouncement(fault: {
  readonly code: string;
  readonly reply: { readonly text: string } | null;
}): Announcement {
  const facts = { code: fault.code, reply: fault.reply?.text.slice(0, 500) ?? null };
  return consentCodes.has(fault.code)
    ? { kind: 'consent_needed', facts }
    : { kind: 'connection_stopped', facts };
}
