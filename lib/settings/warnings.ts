import { smtpOf } from './field-rule.ts';
import { ewsWarnings, oauthWarnings } from './oauth-warnings.ts';
import type { AnyMailSettings } from './schemas.ts';
import type { SettingsWarning } from './warning.ts';

/** End of basic SMTP sign-in at Exchange Online by default: MC786329, update of 2026-01-27. */
const exchangeBasicEnds = new Date('2027-01-01T00:00:00Z');
const exchangeConnections = 3;
const exchangeHosts =
  /(?:^|\.)(?:smtp\.office365\.com|smtp-mail\.outlook\.com|outlook\.office365\.com|smtp\.office365\.us)$/;
const gmailHosts = /^smtp\.(?:gmail|googlemail)\.com$/;

/** Everything to be said about these settings at this time, in the order of the form. Pure, for the browser too. */
export function settingsWarnings(settings: AnyMailSettings, now: Date): SettingsWarning[] {
  return [
    ...encryptionWarnings(settings),
    ...exchangeWarnings(settings, now),
    ...gmailWarnings(settings),
    ...ewsWarnings(settings, now),
    ...oauthWarnings(settings),
    ...proxyWarnings(settings),
    ...modeWarnings(settings),
  ];
}

function encryptionWarnings(settings: AnyMailSettings): SettingsWarning[] {
  const connection = smtpOf(settings);
  if (connection === null) return [];
  const warnings: SettingsWarning[] = [];
  const hasPassword = connection.authentication.kind !== 'none';
  const secretWord = connection.authentication.kind === 'oauth' ? 'token' : 'password';
  const isPlain = connection.protocol === 'smtp' && connection.tlsPolicy === 'none';
  if (isPlain && hasPassword) {
    warnings.push({
      code: 'password_in_clear',
      field: 'connection.tlsPolicy',
      text: `The ${secretWord} and every mail travel in clear: whoever is on the way can read them.`,
      wayOut: 'Choose Required, or SMTPS.',
    });
  } else if (isPlain) {
    warnings.push({
      code: 'mail_in_clear',
      field: 'connection.tlsPolicy',
      text: 'Every mail travels in clear: whoever is on the way can read it.',
      wayOut: 'Choose Required, or SMTPS.',
    });
  } else if (connection.protocol === 'smtp' && connection.tlsPolicy === 'when_offered' && !hasPassword) {
    warnings.push({
      code: 'mail_may_be_in_clear',
      field: 'connection.tlsPolicy',
      text: 'Mail travels in clear when the server, or somebody on the way, leaves STARTTLS out.',
      wayOut: 'Choose Required where the server is known to offer STARTTLS.',
    });
  }
  if (!connection.checkCertificate && !isPlain) {
    warnings.push({
      code: 'certificate_unchecked',
      field: 'connection.checkCertificate',
      text: hasPassword
        ? `Anybody on the way can pass for the server, and then gets the ${secretWord}.`
        : 'Anybody on the way can pass for the server, and then reads the mail.',
      wayOut: "Switch the check on, and add the server's authority as a custom CA if it is your own.",
    });
  }
  return warnings;
}

function exchangeWarnings(settings: AnyMailSettings, now: Date): SettingsWarning[] {
  const connection = smtpOf(settings);
  if (connection === null || !exchangeHosts.test(connection.host.toLowerCase())) return [];
  const warnings: SettingsWarning[] = [];
  if (connection.authentication.kind === 'none') {
    warnings.push({
      code: 'exchange_needs_authentication',
      field: 'connection.authentication.kind',
      text: 'Exchange Online takes no mail here without a sign-in (530 5.7.57).',
      wayOut: 'Require authentication and give the mailbox and its password.',
    });
  } else if (connection.authentication.kind === 'basic') {
    const hasEnded = now >= exchangeBasicEnds;
    warnings.push({
      code: hasEnded ? 'exchange_basic_ended' : 'exchange_basic_ends',
      field: 'connection.host',
      text: hasEnded
        ? 'Sign-in with a password is off by default at Exchange Online since the end of 2026 (550 5.7.30).'
        : 'Sign-in with a password goes off by default at Exchange Online at the end of 2026; the server will answer 550 5.7.30.',
      wayOut:
        'Choose OAuth here, or Microsoft Graph. Until the project moves there, an administrator of the tenant can turn password sign-in on again.',
    });
  }
  if (connection.maxConnections > exchangeConnections) {
    warnings.push({
      code: 'exchange_connections',
      field: 'connection.maxConnections',
      text: `Exchange Online allows a mailbox ${exchangeConnections} connections at once and refuses more (432 4.3.2).`,
      wayOut: `Set ${exchangeConnections}.`,
    });
  }
  return warnings;
}

function gmailWarnings(settings: AnyMailSettings): SettingsWarning[] {
  const connection = smtpOf(settings);
  if (connection?.authentication.kind !== 'basic' || !gmailHosts.test(connection.host.toLowerCase())) {
    return [];
  }
  return [
    {
      code: 'gmail_app_password',
      field: 'connection.authentication.password',
      text: "Gmail takes an app password here, never the account's own (534 5.7.9).",
      wayOut: 'Make one under Google Account, Security, App passwords; it needs 2-step verification.',
    },
  ];
}

function proxyWarnings({ proxy }: AnyMailSettings): SettingsWarning[] {
  if (!proxy.use || proxy.server === null || proxy.server.userName === null || proxy.server.userName === '') {
    return [];
  }
  return [
    {
      code: 'proxy_password_in_clear',
      field: 'proxy.server.password',
      text: 'The password of the proxy travels to it in clear, as its protocol has it.',
      wayOut: null,
    },
  ];
}

function modeWarnings({ sending }: AnyMailSettings): SettingsWarning[] {
  if (sending.mode.kind !== 'allow_list' || sending.mode.entries.length > 0) return [];
  return [
    {
      code: 'nothing_leaves',
      field: 'sending.mode',
      text: 'The list is empty, so every mail is captured.',
      wayOut: 'Add the addresses and domains that may get mail.',
    },
  ];
}
