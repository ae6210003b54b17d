import { z } from 'zod';
import { ewsConnection, graphConnection, smtpConnection } from './connection-schemas.ts';
import { addressPattern, emailAddress, hostName, oneLine, optional, port, within } from './schema-parts.ts';

export { addressPattern, emailAddress } from './schema-parts.ts';

/**
 * The mail settings of a project as they are stored, version by version. Secrets stand in it by the id of their
 * sealed row. The form's and the command line's shape differs only there (see `mailSettingsInput`).
 */

export const sendingMode = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('live') }),
  z.strictObject({ kind: z.literal('capture') }),
  z.strictObject({ kind: z.literal('redirect'), to: emailAddress }),
  z.strictObject({
    kind: z.literal('allow_list'),
    entries: z.array(addressPattern).max(500, 'At most 500 addresses and domains.'),
  }),
]);
export type SendingMode = z.infer<typeof sendingMode>;

export const retrySchedule = z
  .strictObject({
    firstWaitSeconds: within(
      z.int(),
      [5, 86_400],
      'The first wait is from 5 seconds to 1 day, in whole seconds.',
    ),
    factor: within(z.number(), [1, 10], 'The growth is from 1, always the same wait, to 10.'),
    maxWaitSeconds: within(
      z.int(),
      [5, 86_400],
      'The longest wait is from 5 seconds to 1 day, in whole seconds.',
    ),
    jitterPercent: within(z.int(), [0, 50], 'The jitter is from 0 to 50 percent.'),
    giveUpAfterHours: within(z.int(), [1, 720], 'Mail is given up after 1 hour to 30 days, in whole hours.'),
  })
  .refine((schedule) => schedule.maxWaitSeconds >= schedule.firstWaitSeconds, {
    path: ['maxWaitSeconds'],
    message: 'The longest wait is at least as long as the first.',
  });
export type RetrySchedule = z.infer<typeof retrySchedule>;

export const defaultRetrySchedule: RetrySchedule = {
  firstWaitSeconds: 60,
  factor: 3,
  maxWaitSeconds: 4 * 3600,
  jitterPercent: 10,
  giveUpAfterHours: 48,
};

/**
 * What happens to a mail that may have been handed over (PRODUCT 4.8): `resend` looks for it first wherever the server
 * can tell, `resend_at_once` never looks.
 */
export const uncertainChoice = z.enum(['resend', 'resend_at_once', 'hold']);
export type UncertainChoice = z.infer<typeof uncertainChoice>;

const sender = z.strictObject({
  name: oneLine(200, 'Sender name'),
  address: emailAddress,
  replyTo: optional(emailAddress),
});

const sending = z.strictObject({
  mode: sendingMode,
  /** Other addresses and domains that From may carry; the sender's own address always may. */
  allowedSenders: z.array(addressPattern).max(200, 'At most 200 addresses and domains.'),
  otherSenders: z.enum(['refuse', 'rewrite']),
  uncertain: uncertainChoice,
  retry: retrySchedule,
});

const debug = z.strictObject({ until: z.iso.datetime().nullable() });

function proxy<Password extends z.ZodType>(password: Password) {
  return z
    .strictObject({
      use: z.boolean(),
      server: proxyServer(password).nullable(),
    })
    .refine((given) => !given.use || given.server !== null, {
      path: ['server', 'host'],
      message: 'Give the proxy that is to be used.',
    });
}

function proxyServer<Password extends z.ZodType>(password: Password) {
  return z.strictObject({
    kind: z.enum(['http', 'socks5']),
    host: hostName,
    port,
    userName: optional(oneLine(255, 'User name')),
    password,
    /** Hosts that are reached without the proxy: names, ".suffixes", addresses, networks, "*". */
    noProxy: z
      .array(
        z
          .string()
          .trim()
          .min(1, 'Give a host, a .suffix, an address or a network.')
          .max(253, 'An entry has at most 253 characters.')
          .regex(/^[\p{L}\p{N}.:*/_[\]-]+$/u, 'Give a host, a .suffix, an address or a network.'),
      )
      .max(100, 'At most 100 entries.'),
  });
}

function document<Secret extends z.ZodType, OptionalSecret extends z.ZodType, Consent extends z.ZodType>(
  secret: Secret,
  optionalSecret: OptionalSecret,
  consent: Consent,
) {
  return z.strictObject({
    sender,
    connection: z.discriminatedUnion('kind', [
      smtpConnection(secret, consent),
      ewsConnection(secret, consent),
      graphConnection(secret, consent),
    ]),
    proxy: proxy(optionalSecret),
    debug,
    sending,
  });
}

const secretId = z.strictObject({ secretId: z.uuid() });
/** The row that holds the tokens of this consent; another one wherever they may not go along (PRODUCT 2.18). */
const grantId = z.strictObject({ grantId: z.uuid() });

/** As stored. */
export const mailSettingsDocument = document(secretId, secretId.nullable(), grantId);
export type MailSettingsDocument = z.infer<typeof mailSettingsDocument>;

/** What to do with a secret: blank keeps, an explicit clear removes, a value replaces. */
export const secretInput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('keep') }),
  z.strictObject({ kind: z.literal('set'), value: z.string().min(1, 'Type the secret.').max(16_384) }),
  z.strictObject({ kind: z.literal('remove') }),
]);
export type SecretInput = z.infer<typeof secretInput>;

/** A consent is kept wherever it may be; giving and ending one are acts of their own. */
const consentInput = z.strictObject({ kind: z.literal('keep') }).default({ kind: 'keep' });

/** As a form, the command line or a test mail hands it in. */
export const mailSettingsInput = document(secretInput, secretInput, consentInput);
export type MailSettingsInput = z.infer<typeof mailSettingsInput>;

/** What a form holds before it is parsed: blank texts where a stored document has null. */
export type MailSettingsFields = z.input<typeof mailSettingsInput>;

/** As it may leave for the browser: secrets only as "set when and by whom". */
export const secretView = z.strictObject({ setAt: z.iso.datetime(), setBy: z.string() });
export type SecretView = z.infer<typeof secretView>;

export const mailSettingsView = document(secretView, secretView.nullable(), grantId);
export type MailSettingsView = z.infer<typeof mailSettingsView>;

/** The settings in any of their shapes, which differ in their secrets only. */
export type AnyMailSettings =
  | MailSettingsDocument
  | MailSettingsInput
  | MailSettingsFields
  | MailSettingsView;

/** The connection of one kind in the same shape as the settings that it is taken from. */
export type ConnectionOf<
  Settings extends { readonly connection: { readonly kind: string } },
  Kind extends Settings['connection']['kind'],
> = Extract<Settings['connection'], { readonly kind: Kind }>;
