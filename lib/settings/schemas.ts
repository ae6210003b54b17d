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
  z.strictObject({ kind: z.literal('allow_list'), entries: z.array(addressPattern).max(500) }),
]);
export type SendingMode = z.infer<typeof sendingMode>;

export const retrySchedule = z.strictObject({
  firstWaitSeconds: z.int().min(5).max(86_400),
  factor: z.number().min(1).max(10),
  maxWaitSeconds: z.int().min(5).max(86_400),
  jitterPercent: z.int().min(0).max(50),
  giveUpAfterHours: z.int().min(1).max(240),
});
export type RetrySchedule = z.infer<typeof retrySchedule>;

export const defaultRetrySchedule: RetrySchedule = {
  firstWaitSeconds: 60,
  factor: 3,
  maxWaitSeconds: 4 * 3600,
  jitterPercent: 10,
  giveUpAfterHours: 48,
};

const sender = z.strictObject({
  name: oneLine(200, 'Sender name'),
  address: emailAddress,
  replyTo: emailAddress.nullable(),
});

export const tlsPolicies = ['none', 'when_offered', 'required'] as const;

const sending = z.strictObject({
  mode: sendingMode,
  /** Other addresses and domains that From may carry; the sender's own address always may. */
  allowedSenders: z.array(addressPattern).max(200),
  otherSenders: z.enum(['refuse', 'rewrite']),
  /** What happens to a mail that may have been handed over (PRODUCT 4.8). */
  uncertain: z.enum(['resend', 'hold']),
  retry: retrySchedule,
});

const debug = z.strictObject({ until: z.iso.datetime().nullable() });

function smtpConnection<Password extends z.ZodType>(password: Password) {
  return z.strictObject({
    kind: z.literal('smtp'),
    protocol: z.enum(['smtp', 'smtps']),
    host: hostName,
    port,
    alternateHost: hostName.nullable(),
    tlsPolicy: z.enum(tlsPolicies),
    checkCertificate: z.boolean(),
    customCa: z.string().max(65_536).nullable(),
    maxConnections: z.int().min(1).max(50),
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
  return z.strictObject({
    use: z.boolean(),
    server: z
      .strictObject({
        kind: z.enum(['http', 'socks5']),
        host: hostName,
        port,
        userName: oneLine(255, 'User name').nullable(),
        password: password,
        /** Host names, "*.example.com", addresses or CIDR blocks that are reached without the proxy. */
        noProxy: z.array(z.string().trim().min(1).max(253)).max(100),
      })
      .nullable(),
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

/** As it may leave for the browser: secrets only as "set when and by whom". */
export interface SecretView {
  readonly setAt: string;
  readonly setBy: string;
}
