import { consentingAccount } from './sign-in-rules.ts';
import { ewsOf, graphOf, oauthOf } from './field-rule.ts';
import { cloudOfEndpoint, lostWithLeastScope, microsoftClouds } from './oauth-presets.ts';
import { splitScopes } from './oauth-schemas.ts';
import type { AnyMailSettings } from './schemas.ts';
import type { SettingsWarning } from './warning.ts';

/** Exchange Online ends EWS for good (message center MC1015893). */
const ewsEnds = new Date('2027-04-01T00:00:00Z');
const exchangeOnline =
  /(?:^|\.)(?:outlook\.office(?:365)?\.com|outlook\.office365\.us|partner\.outlook\.cn)$/;

/** What is to be said about EWS: its end at Exchange Online, and what it cannot do (PRODUCT 2.15). Pure. */
export function ewsWarnings(settings: AnyMailSettings, now: Date): SettingsWarning[] {
  const ews = ewsOf(settings);
  if (ews === null) return [];
  const warnings: SettingsWarning[] = [];
  const host = URL.canParse(ews.connectUrl) ? new URL(ews.connectUrl).hostname : '';
  if (exchangeOnline.test(host)) {
    const hasEnded = now >= ewsEnds;
    warnings.push({
      code: hasEnded ? 'ews_ended' : 'ews_ends',
      field: 'connection.connectUrl',
      text: hasEnded
        ? 'Exchange Online has ended EWS on 2027-04-01.'
        : "Exchange Online blocks EWS by default since 2026-10-01, unless the tenant's administrator allows this client ID, and ends it on 2027-04-01.",
      wayOut: 'Choose Microsoft Graph. Exchange Server in your own network is not concerned.',
    });
    if (ews.authentication.kind === 'basic') {
      warnings.push({
        code: 'ews_password_online',
        field: 'connection.authentication.kind',
        text: 'Exchange Online takes no password for EWS.',
        wayOut: 'Choose OAuth, or Microsoft Graph.',
      });
    }
  }
  if (!ews.saveToSentItems) {
    warnings.push({
      code: 'ews_keeps_nothing',
      field: 'connection.saveToSentItems',
      text: 'Without a copy in Sent Items, Mailroom cannot look a mail up after an answer was lost.',
      wayOut: 'Switch it on, or choose what happens after an uncertain outcome.',
    });
  }
  return warnings;
}

/** What is to be said about scopes and clouds. Pure. */
export function oauthWarnings(settings: AnyMailSettings): SettingsWarning[] {
  const oauth = oauthOf(settings);
  if (oauth === null) return [];
  return [
    ...cloudWarnings(settings),
    ...secretWarnings(oauth),
    ...scopeWarnings(settings),
    ...graphScopeWarnings(settings),
  ];
}

function cloudWarnings(settings: AnyMailSettings): SettingsWarning[] {
  const graph = graphOf(settings);
  if (graph === null) return [];
  const { host } = graph.authentication.server;
  const cloud = cloudOfEndpoint(graph.endpoint);
  const isKnownHost = microsoftClouds.some(({ signInHost }) => signInHost === host);
  if (cloud === null || !isKnownHost || cloud.signInHost === host) return [];
  return [
    {
      code: 'cloud_mismatch',
      field: 'connection.authentication.server.host',
      text: `A token of ${host} is not valid at ${graph.endpoint}.`,
      wayOut: `The sign-in host of ${cloud.name} is ${cloud.signInHost}.`,
    },
  ];
}

// The value of a secret at Microsoft is never in this form, and its ID always is.
const secretIdForm = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function secretWarnings({ server, credential }: NonNullable<ReturnType<typeof oauthOf>>): SettingsWarning[] {
  if (server.kind !== 'microsoft' || credential.kind !== 'secret') return [];
  const { secret } = credential;
  if (!('value' in secret) || !secretIdForm.test(secret.value.trim())) return [];
  return [
    {
      code: 'secret_id_pasted',
      field: 'connection.authentication.credential.secret',
      text: 'This looks like the Secret ID, which Microsoft refuses (AADSTS7000215).',
      wayOut: 'Paste the Value of the secret. It is shown only once; if it is lost, make a new secret.',
    },
  ];
}

function scopeWarnings(settings: AnyMailSettings): SettingsWarning[] {
  const oauth = oauthOf(settings);
  const scopes = splitScopes(oauth?.scope ?? '');
  const field = 'connection.authentication.scope';
  if (oauth === null || scopes.length === 0) return [];
  if (oauth.access === 'app_only' && oauth.server.kind === 'microsoft') {
    if (scopes.length === 1 && scopes.every((scope) => scope.endsWith('/.default'))) return [];
    return [
      {
        code: 'scope_default_missing',
        field,
        text: 'App-only takes one scope that ends in /.default; the rights are those granted to the app.',
        wayOut: 'Take the default scope.',
      },
    ];
  }
  if (oauth.access === 'delegated' && oauth.server.kind === 'other' && !scopes.includes('offline_access')) {
    return [
      {
        code: 'scope_offline_missing',
        field,
        text: 'Many servers give no refresh token without offline_access; sending then stops when the first token ends.',
        wayOut: 'Add offline_access where the server knows it.',
      },
    ];
  }
  return [];
}

function graphScopeWarnings(settings: AnyMailSettings): SettingsWarning[] {
  const graph = graphOf(settings);
  if (graph === null || graph.authentication.access !== 'delegated') return [];
  const scopes = splitScopes(graph.authentication.scope).map((scope) => scope.split('/').at(-1) ?? scope);
  const field = 'connection.authentication.scope';
  const warnings: SettingsWarning[] = [];
  const mayRead = scopes.includes('Mail.ReadWrite') || scopes.includes('Mail.ReadWrite.Shared');
  if (!mayRead && graph.proveOnce) {
    warnings.push({
      code: 'scope_proof_missing',
      field: 'connection.proveOnce',
      text: 'To prove each mail once needs the right Mail.ReadWrite.',
      wayOut: 'Add it to the scope, or switch the proof off.',
    });
  } else if (!mayRead) {
    warnings.push({ code: 'scope_least', field, text: lostWithLeastScope, wayOut: null });
  }
  const isShared = consentingAccount(settings)?.toLowerCase() !== graph.mailbox.toLowerCase();
  if (isShared && !scopes.includes('Mail.Send.Shared')) {
    warnings.push({
      code: 'scope_shared_missing',
      field,
      text: 'Sending from a mailbox of another account needs the right Mail.Send.Shared.',
      wayOut: 'Add it to the scope, or leave the sign-in name blank.',
    });
  }
  return warnings;
}
