import { tlsPolicies } from './connection-schemas.ts';
import { type Carried, type Destination, type FieldRule, smtpOf } from './field-rule.ts';
import { onOff } from './field-texts.ts';
import { alternateSignInWords, type SettingsPath, tlsPolicyWords } from './labels.ts';
import type { AnyMailSettings } from './schemas.ts';

/** Whatever the primary is handed; the alternate too, unless it has a sign-in of its own. */
const shared: readonly Carried[] = ['password', 'client_secret', 'private_key', 'consent'];
const own: readonly Carried[] = ['alternate_password'];

/** What the alternate server comes down to, with what it takes over from the primary. */
interface AlternateWay {
  readonly host: string;
  readonly port: number | null;
  readonly ownPort: number | null;
  readonly tlsStrength: number;
  readonly ownTlsPolicy: string | null;
  readonly checksCertificate: boolean;
  readonly ownCheck: boolean | null;
  readonly signIn: 'same' | 'none' | 'basic';
  readonly userName: string | null;
}

function alternateOf(settings: AnyMailSettings): AlternateWay | null {
  const smtp = smtpOf(settings);
  if (smtp === null || smtp.alternateHost === null || smtp.alternateHost === '') return null;
  const { alternate } = smtp;
  const signIn = alternate?.authentication ?? { kind: 'same' };
  const policy = alternate?.tlsPolicy ?? smtp.tlsPolicy;
  return {
    host: smtp.alternateHost.toLowerCase(),
    port: alternate?.port ?? smtp.port,
    ownPort: alternate?.port ?? null,
    tlsStrength: smtp.protocol === 'smtps' ? tlsPolicies.length : tlsPolicies.indexOf(policy),
    ownTlsPolicy: alternate?.tlsPolicy ?? null,
    checksCertificate: alternate?.checkCertificate ?? smtp.checkCertificate,
    ownCheck: alternate?.checkCertificate ?? null,
    signIn: signIn.kind,
    userName: signIn.kind === 'basic' ? signIn.userName : null,
  };
}

function isHanded(of: Carried, { signIn }: AlternateWay): boolean {
  return of === 'alternate_password' ? signIn === 'basic' : signIn === 'same';
}

/** A change of what the secret meets at the alternate, to which it went before and goes after. */
export function atAlternate(
  moved: (before: AlternateWay, after: AlternateWay) => boolean,
): Destination['moved'] {
  return (before, after, of) => {
    const [from, to] = [alternateOf(before), alternateOf(after)];
    return from !== null && to !== null && isHanded(of, from) && isHanded(of, to) && moved(from, to);
  };
}

/** What the alternate takes over from the primary leads its own secret elsewhere as well. */
export const inherited = {
  port: atAlternate((from, to) => from.ownPort === to.ownPort && from.port !== to.port),
  tlsPolicy: atAlternate(
    (from, to) => from.ownTlsPolicy === to.ownTlsPolicy && to.tlsStrength < from.tlsStrength,
  ),
  checkCertificate: atAlternate(
    (from, to) => from.ownCheck === to.ownCheck && from.checksCertificate && !to.checksCertificate,
  ),
} as const;

/** The fields of the alternate server (PRODUCT 6.4). */
export const alternateRules = {
  'connection.alternateHost': {
    value: (settings) => smtpOf(settings)?.alternateHost ?? null,
    destination: {
      of: [...shared, ...own],
      // Leaving the alternate out sends the secret nowhere new.
      moved: (before, after, of) => {
        const [from, to] = [alternateOf(before), alternateOf(after)];
        if (smtpOf(before) === null || to === null || !isHanded(of, to)) return false;
        return from?.host !== to.host;
      },
    },
  },
  'connection.alternate.port': {
    value: (settings) => alternateOf(settings)?.ownPort ?? null,
    destination: {
      of: [...shared, ...own],
      moved: atAlternate((from, to) => from.ownPort !== to.ownPort && from.port !== to.port),
    },
  },
  'connection.alternate.tlsPolicy': {
    value: (settings) => alternateOf(settings)?.ownTlsPolicy ?? null,
    text: (settings) => tlsPolicyWords[smtpOf(settings)?.alternate?.tlsPolicy ?? 'required'],
    destination: {
      of: [...shared, ...own],
      moved: atAlternate(
        (from, to) => from.ownTlsPolicy !== to.ownTlsPolicy && to.tlsStrength < from.tlsStrength,
      ),
    },
  },
  'connection.alternate.checkCertificate': {
    value: (settings) => alternateOf(settings)?.ownCheck ?? null,
    text: (settings) => onOff(alternateOf(settings)?.ownCheck === true),
    destination: {
      of: [...shared, ...own],
      moved: atAlternate(
        (from, to) => from.ownCheck !== to.ownCheck && from.checksCertificate && !to.checksCertificate,
      ),
    },
  },
  'connection.alternate.authentication.kind': {
    value: (settings) => {
      const kind = alternateOf(settings)?.signIn ?? 'same';
      return kind === 'same' ? null : kind;
    },
    text: (settings) => alternateSignInWords[alternateOf(settings)?.signIn ?? 'same'],
    destination: {
      of: shared,
      moved: (before, after, of) => {
        const [from, to] = [alternateOf(before), alternateOf(after)];
        return from !== null && to !== null && !isHanded(of, from) && isHanded(of, to);
      },
    },
  },
  'connection.alternate.authentication.userName': {
    value: (settings) => alternateOf(settings)?.userName ?? null,
    destination: { of: own, moved: atAlternate((from, to) => from.userName !== to.userName) },
  },
  'connection.alternate.authentication.password': {
    value: (settings) => {
      const signIn = smtpOf(settings)?.alternate?.authentication;
      return signIn?.kind === 'basic' ? signIn.password : null;
    },
    secret: 'alternate_password',
  },
  'connection.alternate.returnAfterMinutes': {
    value: (settings) =>
      alternateOf(settings) === null ? null : (smtpOf(settings)?.alternate?.returnAfterMinutes ?? null),
    text: (settings) => `After ${smtpOf(settings)?.alternate?.returnAfterMinutes ?? 0} min of answers`,
  },
} as const satisfies Partial<Record<SettingsPath, FieldRule>>;
