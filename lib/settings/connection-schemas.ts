import { z } from 'zod';
import { graphAuthentication, oauthAuthentication } from './oauth-schemas.ts';
import {
  between,
  customCa,
  emailAddress,
  hostName,
  httpsUrl,
  oneLine,
  optional,
  port,
} from './schema-parts.ts';

/**
 * The field set of each connection protocol (PRODUCT 2.2, 2.4–2.7). `secret` and `consent` are what stands in the
 * place of a secret and of a consent: they differ between stored, typed and shown settings. Pure, for the browser too.
 */

/** By the application's right of impersonation, or by rights on the mailbox and its folders. */
export const mailboxAccesses = ['impersonation', 'delegate'] as const;

export const tlsPolicies = ['none', 'when_offered', 'required'] as const;

const trustedCa = optional(customCa('A custom CA'));

/** What the alternate server has of its own; null and `same`: as the primary (PRODUCT 6.4). */
function alternateValues<Secret extends z.ZodType>(secret: Secret) {
  return z
    .strictObject({
      port: port.nullable().default(null),
      tlsPolicy: z.enum(tlsPolicies).nullable().default(null),
      checkCertificate: z.boolean().nullable().default(null),
      authentication: z
        .discriminatedUnion('kind', [
          z.strictObject({ kind: z.literal('same') }),
          z.strictObject({ kind: z.literal('none') }),
          z.strictObject({
            kind: z.literal('basic'),
            userName: oneLine(320, 'User name').min(1, 'User name is needed for a sign-in of its own.'),
            password: secret,
          }),
        ])
        .prefault({ kind: 'same' }),
      /** For so long the primary is to answer before mail goes back to it by itself; null: a person decides. */
      returnAfterMinutes: between(z.int(), 1, 1440, 'Back to the primary after, in minutes,')
        .nullable()
        .default(null),
    })
    .prefault({});
}

/** An alternate that shares everything with the primary. */
export const sharedAlternate: SharedAlternate = {
  port: null,
  tlsPolicy: null,
  checkCertificate: null,
  authentication: { kind: 'same' },
  returnAfterMinutes: null,
};

type SharedAlternate = {
  readonly port: number | null;
  readonly tlsPolicy: (typeof tlsPolicies)[number] | null;
  readonly checkCertificate: boolean | null;
  readonly authentication: { readonly kind: 'same' } | { readonly kind: 'none' };
  readonly returnAfterMinutes: number | null;
};

export function smtpConnection<Secret extends z.ZodType, Consent extends z.ZodType>(
  secret: Secret,
  consent: Consent,
) {
  const connection = z.strictObject({
    kind: z.literal('smtp'),
    protocol: z.enum(['smtp', 'smtps']),
    host: hostName,
    port,
    alternateHost: optional(hostName),
    alternate: alternateValues(secret),
    tlsPolicy: z.enum(tlsPolicies),
    checkCertificate: z.boolean(),
    customCa: trustedCa,
    maxConnections: between(z.int(), 1, 50, 'Connections at once'),
    authentication: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('none') }),
      z.strictObject({
        kind: z.literal('basic'),
        userName: oneLine(320, 'User name').min(
          1,
          'User name is needed when the server requires authentication.',
        ),
        password: secret,
      }),
      oauthAuthentication(secret, consent),
    ]),
  });
  return connection.refine(
    ({ alternateHost, alternate }) => alternateHost !== null || alternate.authentication.kind === 'same',
    { path: ['alternateHost'], message: 'Name the alternate server that this sign-in is for.' },
  );
}

export function ewsConnection<Secret extends z.ZodType, Consent extends z.ZodType>(
  secret: Secret,
  consent: Consent,
) {
  const connection = z.strictObject({
    kind: z.literal('ews'),
    connectUrl: httpsUrl('The connect URL'),
    checkCertificate: z.boolean(),
    customCa: trustedCa,
    maxConnections: between(z.int(), 1, 27, 'Requests at once'),
    /** SendAndSaveCopy or SendOnly; the latter keeps nothing to look a mail up in. */
    saveToSentItems: z.boolean(),
    /** X-AnchorMailbox; with impersonation the impersonated mailbox stands there when this is blank. */
    anchorMailbox: optional(emailAddress),
    /** Another mailbox than that of the sign-in to send as, and by which right of the account that signs in. */
    impersonatedMailbox: optional(emailAddress),
    mailboxAccess: z.enum(mailboxAccesses).default('impersonation'),
    authentication: z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('basic'),
        /** Both take user name and password; NTLM never sends the password itself. */
        scheme: z.enum(['basic', 'ntlm']),
        userName: oneLine(320, 'User name').min(1, 'User name is needed.'),
        password: secret,
      }),
      oauthAuthentication(secret, consent),
    ]),
  });
  return connection.refine(
    ({ impersonatedMailbox, mailboxAccess, saveToSentItems }) =>
      impersonatedMailbox === null || mailboxAccess === 'impersonation' || saveToSentItems,
    {
      path: ['saveToSentItems'],
      message: 'With rights on the mailbox Exchange sends only with a copy in Sent Items.',
    },
  );
}

export function graphConnection<Secret extends z.ZodType, Consent extends z.ZodType>(
  secret: Secret,
  consent: Consent,
) {
  return z.strictObject({
    kind: z.literal('graph'),
    endpoint: httpsUrl('The Graph endpoint').transform((url) => url.replace(/\/+$/, '')),
    mailbox: emailAddress,
    customCa: trustedCa,
    saveToSentItems: z.boolean(),
    /** Draft with an immutable ID, stored, then sent: three requests a mail, and a lost answer is never in doubt. */
    proveOnce: z.boolean(),
    /** What the four requests at a time are counted by; Microsoft's page exists in both versions. */
    requestsCountedBy: z.enum(['client_and_mailbox', 'client']),
    authentication: graphAuthentication(secret, consent),
  });
}
