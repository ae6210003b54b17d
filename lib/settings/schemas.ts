import { z } from 'zod';

/**
 * The mail settings of a project as they are stored, version by version. Secrets stand in it by the id of their
 * sealed row. The form's and the command line's shape differs only there (see `mailSettingsInput`).
 */

const port = z
  .int('Port is a number from 1 to 65535.')
  .min(1, 'Port is a number from 1 to 65535.')
  .max(65535, 'Port is a number from 1 to 65535.');

// Local part of at most 64 characters, no spaces, quotes or controls; the domain may be international (RFC 6531).
export const emailAddress = z
  .string()
  .trim()
  .max(254, 'An address has at most 254 characters.')
  .regex(
    /^[^\s\p{C}"(),:;<>@[\\\]]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)*[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u,
    'This is not an e-mail address.',
  );

const hostName = z
  .string()
  .trim()
  .min(1, 'Server name or IP is needed.')
  .max(253, 'A server name has at most 253 characters.')
  .regex(
    /^(?:[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.?|\[?[0-9a-fA-F:.]+\]?)$/u,
    'This is neither a server name nor an IP address.',
  );

// One line: nothing in it can end a header.
function oneLine(max: number, name: string) {
  return z
    .string()
    .trim()
    .max(max, `${name} has at most ${max} characters.`)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, `${name} is one line, without control characters.`);
}

/** "someone@example.com", "example.com" or "*.example.com". */
export const addressPattern = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .regex(
    /^(?:[^\s\p{C}"(),:;<>@[\\\]]{1,64}@)?(?:\*\.)?[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?$/u,
    'Give an address, a domain, or *.domain.',
  );

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

function between(kind: z.ZodNumber | z.ZodInt, min: number, max: number, name: string) {
  const message = `${name} is a number from ${min} to ${max}.`;
  return kind.min(min, message).max(max, message);
}

export const retrySchedule = z
  .strictObject({
    firstWaitSeconds: between(z.int(), 5, 86_400, 'First wait, in seconds,'),
    factor: between(z.number(), 1, 10, 'Growth of the wait'),
    maxWaitSeconds: between(z.int(), 5, 86_400, 'Longest wait, in seconds,'),
    jitterPercent: between(z.int(), 0, 50, 'Jitter, in percent,'),
    giveUpAfterHours: between(z.int(), 1, 240, 'Give up after, in hours,'),
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

// A form has no null: an optional field left blank means that there is none.
function optional<Value extends z.ZodType<string, string>>(value: Value) {
  return z
    .string()
    .nullable()
    .transform((text) => (text === null || text.trim() === '' ? null : text))
    .pipe(value.nullable());
}

const sender = z.strictObject({
  name: oneLine(200, 'Sender name'),
  address: emailAddress,
  replyTo: optional(emailAddress),
});

export const tlsPolicies = ['none', 'when_offered', 'required'] as const;

const sending = z.strictObject({
  mode: sendingMode,
  /** Other addresses and domains that From may carry; the sender's own address always may. */
  allowedSenders: z.array(addressPattern).max(200, 'At most 200 addresses and domains.'),
  otherSenders: z.enum(['refuse', 'rewrite']),
  /** What happens to a mail that may have been handed over (PRODUCT 4.8). */
  uncertain: z.enum(['resend', 'hold']),
  retry: retrySchedule,
});

const debug = z.strictObject({ until: z.iso.datetime().nullable() });

const customCa = z
  .string()
  .trim()
  .max(65_536, 'A custom CA has at most 65,536 characters.')
  .regex(
    /^(?:-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/,
    'A custom CA is one or more certificates in PEM form, from BEGIN CERTIFICATE to END CERTIFICATE.',
  );

function smtpConnection<Password extends z.ZodType>(password: Password) {
  return z.strictObject({
    kind: z.literal('smtp'),
    protocol: z.enum(['smtp', 'smtps']),
    host: hostName,
    port,
    alternateHost: optional(hostName),
    tlsPolicy: z.enum(tlsPolicies),
    checkCertificate: z.boolean(),
    customCa: optional(customCa),
    maxConnections: between(z.int(), 1, 50, 'Connections at once'),
    authentication: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('none') }),
      z.strictObject({
        kind: z.literal('basic'),
        userName: oneLine(320, 'User name').min(
          1,
          'User name is needed when the server requires authentication.',
        ),
        password,
      }),
    ]),
  });
}

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

function document<Password extends z.ZodType, ProxyPassword extends z.ZodType>(
  password: Password,
  proxyPassword: ProxyPassword,
) {
  return z.strictObject({
    sender,
    connection: z.discriminatedUnion('kind', [smtpConnection(password)]),
    proxy: proxy(proxyPassword),
    debug,
    sending,
  });
}

const secretId = z.strictObject({ secretId: z.uuid() });

/** As stored. */
export const mailSettingsDocument = document(secretId, secretId.nullable());
export type MailSettingsDocument = z.infer<typeof mailSettingsDocument>;

/** What to do with a secret: blank keeps, an explicit clear removes, a value replaces. */
export const secretInput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('keep') }),
  z.strictObject({ kind: z.literal('set'), value: z.string().min(1, 'Type the secret.').max(4096) }),
  z.strictObject({ kind: z.literal('remove') }),
]);
export type SecretInput = z.infer<typeof secretInput>;

/** As a form, the command line or a test mail hands it in. */
export const mailSettingsInput = document(secretInput, secretInput);
export type MailSettingsInput = z.infer<typeof mailSettingsInput>;

/** What a form holds before it is parsed: blank texts where a stored document has null. */
export type MailSettingsFields = z.input<typeof mailSettingsInput>;

/** As it may leave for the browser: secrets only as "set when and by whom". */
export const secretView = z.strictObject({ setAt: z.iso.datetime(), setBy: z.string() });
export type SecretView = z.infer<typeof secretView>;

export const mailSettingsView = document(secretView, secretView.nullable());
export type MailSettingsView = z.infer<typeof mailSettingsView>;

/** The settings in any of their three shapes, which differ in their secrets only. */
export type AnyMailSettings = MailSettingsDocument | MailSettingsInput | MailSettingsView;
