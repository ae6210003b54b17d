import {
  type ConnectionOf,
  type MailSettingsFields,
  mailSettingsView,
  type MailSettingsView,
} from '#lib/settings/schemas.ts';
import { standInHost, standInMailboxes, type StandIns } from './stand-ins.ts';

type Connection = MailSettingsFields['connection'];
type SmtpConnection = ConnectionOf<MailSettingsFields, 'smtp'>;

export const exchangeUserName = 'NORTHWIND\\warehouse';

/** The built-in inbox: an SMTP server that asks for no sign-in. */
export function inboxConnection(port: number): SmtpConnection {
  return {
    kind: 'smtp',
    protocol: 'smtp',
    host: standInHost,
    port,
    alternateHost: null,
    tlsPolicy: 'none',
    checkCertificate: true,
    customCa: null,
    maxConnections: 4,
    authentication: { kind: 'none' },
  };
}

/** Graph as an app of its own does it: the token comes by client credentials, so that no person has to consent. */
export function graphConnection(standIns: StandIns): Connection {
  return {
    kind: 'graph',
    endpoint: graphEndpoint(standIns),
    mailbox: standInMailboxes.graph,
    customCa: standIns.authority,
    saveToSentItems: true,
    proveOnce: false,
    requestsCountedBy: 'client_and_mailbox',
    authentication: {
      kind: 'oauth',
      ...appSignIn(standIns),
      scope: 'https://graph.microsoft.com/.default',
    },
  };
}

/** An Exchange server of the company's own, with NTLM. */
export function exchangeConnection(standIns: StandIns): Connection {
  return {
    kind: 'ews',
    connectUrl: connectUrl(standIns),
    checkCertificate: true,
    customCa: standIns.authority,
    maxConnections: 4,
    saveToSentItems: true,
    anchorMailbox: null,
    impersonatedMailbox: null,
    authentication: {
      kind: 'basic',
      scheme: 'ntlm',
      userName: exchangeUserName,
      password: { kind: 'set', value: standIns.exchangePassword },
    },
  };
}

/** SMTP with a token in place of a password. */
export function tokenSmtpConnection(standIns: StandIns): Connection {
  return {
    ...inboxConnection(standIns.ports.smtp),
    tlsPolicy: 'required',
    customCa: standIns.authority,
    authentication: {
      kind: 'oauth',
      ...appSignIn(standIns),
      scope: 'https://outlook.office365.com/.default',
      userName: standInMailboxes.smtp,
    },
  };
}

function appSignIn(standIns: StandIns) {
  return {
    server: { kind: 'microsoft', host: signInHost(standIns), tenant: standIns.tenant },
    access: 'app_only',
    clientId: standIns.clientId,
    credential: { kind: 'secret', secret: { kind: 'set', value: standIns.clientSecret }, expiresOn: null },
    signInName: null,
  } as const;
}

/** Where the demo's servers listen: the built-in inbox, and the stand-ins where they run. */
export interface DemoPorts {
  readonly inbox: number;
  readonly standIns: StandIns['ports'] | null;
}

/** The same settings with every address of the demo's own servers at its new port; null where nothing moved. */
export function movedSettings(
  settings: MailSettingsView,
  before: DemoPorts,
  now: DemoPorts,
): MailSettingsView | null {
  const moves = new Map(
    portPairs(before, now)
      .filter(([from, to]) => from !== to)
      .map(([from, to]) => [String(from), to]),
  );
  const given = JSON.stringify(settings.connection);
  const address = /(?<=\b127\.0\.0\.1(?::|","port":))\d+/g;
  const connection = given.replaceAll(address, (port) => String(moves.get(port) ?? port));
  if (connection === given) return null;
  return mailSettingsView.parse({ ...settings, connection: JSON.parse(connection) });
}

function portPairs(before: DemoPorts, now: DemoPorts): [number, number][] {
  const inbox: [number, number] = [before.inbox, now.inbox];
  const [from, to] = [before.standIns, now.standIns];
  if (from === null || to === null) return [inbox];
  const names = ['signIn', 'graph', 'exchange', 'smtp'] as const;
  return [inbox, ...names.map((name): [number, number] => [from[name], to[name]])];
}

function graphEndpoint({ ports }: StandIns): string {
  return `https://${standInHost}:${ports.graph}/v1.0`;
}

function connectUrl({ ports }: StandIns): string {
  return `https://${standInHost}:${ports.exchange}/EWS/Exchange.asmx`;
}

function signInHost({ ports }: StandIns): string {
  return `${standInHost}:${ports.signIn}`;
}
