import type { AuthorizationServer } from './oauth-schemas.ts';
import type { AnyMailSettings } from './schemas.ts';

/**
 * What the providers' own pages say about tokens: clouds, addresses and scopes (PRODUCT 2.7, 2.8). They fill the form
 * and nothing else; a person may type over every value. Pure, for the browser too.
 */

export interface MicrosoftCloud {
  readonly id: 'global' | 'us_l4' | 'us_dod' | 'china';
  readonly name: string;
  readonly graphEndpoint: string;
  readonly signInHost: string;
  readonly smtpHost: string;
  /** Where EWS and SMTP tokens are for; another cloud's are not valid. */
  readonly outlookHost: string;
  /** The resource that SMTP.Send is named by at the world-wide service. */
  readonly smtpResource: string;
}

const globalCloud: MicrosoftCloud = {
  id: 'global',
  name: 'Global',
  graphEndpoint: 'https://graph.microsoft.com/v1.0',
  signInHost: 'login.microsoftonline.com',
  smtpHost: 'smtp.office365.com',
  outlookHost: 'outlook.office365.com',
  smtpResource: 'https://outlook.office.com',
};

/** Microsoft Graph national cloud deployments; GCC uses the world-wide hosts. */
export const microsoftClouds: readonly MicrosoftCloud[] = [
  globalCloud,
  {
    id: 'us_l4',
    name: 'US Government L4',
    graphEndpoint: 'https://graph.microsoft.us/v1.0',
    signInHost: 'login.microsoftonline.us',
    smtpHost: 'smtp.office365.us',
    outlookHost: 'outlook.office365.us',
    smtpResource: 'https://outlook.office365.us',
  },
  {
    id: 'us_dod',
    name: 'US Government DoD',
    graphEndpoint: 'https://dod-graph.microsoft.us/v1.0',
    signInHost: 'login.microsoftonline.us',
    smtpHost: 'outlook-dod.office365.us',
    outlookHost: 'outlook-dod.office365.us',
    smtpResource: 'https://outlook-dod.office365.us',
  },
  {
    id: 'china',
    name: 'China (21Vianet)',
    graphEndpoint: 'https://microsoftgraph.chinacloudapi.cn/v1.0',
    signInHost: 'login.chinacloudapi.cn',
    smtpHost: 'smtp.partner.outlook.cn',
    outlookHost: 'partner.outlook.cn',
    smtpResource: 'https://partner.outlook.cn',
  },
];

/** Google's addresses (Using OAuth 2.0 for Web Server Applications). */
export const googleServer: Extract<AuthorizationServer, { tokenUrl: string }> = {
  kind: 'google',
  authorizationUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
  tokenUrl: 'https://oauth2.googleapis.com/token',
};

/** Microsoft's addresses of one tenant, as its registration page lists them under Endpoints. */
export function microsoftAddresses(server: { host: string; tenant: string }): {
  authorizationUrl: string;
  tokenUrl: string;
} {
  const base = `https://${server.host}/${server.tenant}/oauth2/v2.0`;
  return { authorizationUrl: `${base}/authorize`, tokenUrl: `${base}/token` };
}

/** Sign-in host and tenant of a pasted authorization or token URL; null where it is none of Microsoft's. */
export function readMicrosoftAddress(pasted: string): { host: string; tenant: string } | null {
  if (!URL.canParse(pasted.trim())) return null;
  const { host, pathname } = new URL(pasted.trim());
  const [, tenant] = /^\/([^/]+)\/oauth2\/(?:v2\.0\/)?(?:authorize|token)$/.exec(pathname) ?? [];
  return tenant === undefined ? null : { host, tenant };
}

/** The cloud that a Graph endpoint belongs to; null for a typed-in one. */
export function cloudOfEndpoint(endpoint: string): MicrosoftCloud | null {
  const wanted = endpoint.trim().replace(/\/+$/, '').toLowerCase();
  return microsoftClouds.find(({ graphEndpoint }) => graphEndpoint === wanted) ?? null;
}

/** The authorization server that goes with an SMTP or EWS host: Microsoft's of that cloud, Google's, or none known. */
export function proposeServer(mailHost: string): AuthorizationServer | null {
  const host = mailHost.trim().toLowerCase();
  if (/^smtp(?:-relay)?\.(?:gmail|googlemail)\.com$/.test(host)) return googleServer;
  const cloud = cloudOfMailHost(host);
  return cloud === null ? null : { kind: 'microsoft', host: cloud.signInHost, tenant: 'organizations' };
}

function cloudOfMailHost(host: string): MicrosoftCloud | null {
  return (
    microsoftClouds.find(({ smtpHost, outlookHost }) => smtpHost === host || outlookHost === host) ?? null
  );
}

export interface ScopeQuestion {
  readonly kind: AnyMailSettings['connection']['kind'];
  /** Host of the SMTP server, connect URL or Graph endpoint. */
  readonly address: string;
  readonly server: AuthorizationServer['kind'];
  readonly access: 'delegated' | 'app_only';
}

/** What is asked for by default (PRODUCT 2.8); empty where only the person can know. */
export function defaultScope({ kind, address, server, access }: ScopeQuestion): string {
  if (server === 'google') return kind === 'smtp' ? 'https://mail.google.com/' : '';
  if (server === 'other') return '';
  if (access === 'app_only') return appOnlyScope(kind, address);
  switch (kind) {
    case 'smtp':
      return `${(cloudOfMailHost(address.trim().toLowerCase()) ?? globalCloud).smtpResource}/SMTP.Send offline_access`;
    case 'ews':
      return `${outlookOrigin(address)}/EWS.AccessAsUser.All offline_access`;
    case 'graph':
      return 'Mail.ReadWrite Mail.Send.Shared offline_access';
    default:
      return kind satisfies never;
  }
}

/** The least right that still sends by Graph (PRODUCT 2.20). */
export const leastGraphScope = 'Mail.Send offline_access';

/** What the least right costs, for beside the choice. */
export const lostWithLeastScope =
  'Without Mail.ReadWrite, Mailroom cannot look a mail up after an answer was lost, cannot send mails above 3 MB, and cannot prove each mail once.';

/**
 * The scope to fill in for what is typed so far: on port 587 with a known server, by EWS of Microsoft, and for Graph
 * always (PRODUCT 2.8). Empty leaves the field as it is.
 */
export function proposeScope(question: ScopeQuestion & { readonly port: number | null }): string {
  if (question.kind === 'smtp' && (question.port !== 587 || proposeServer(question.address) === null))
    return '';
  return defaultScope(question);
}

function appOnlyScope(kind: ScopeQuestion['kind'], address: string): string {
  if (kind === 'graph') return `${originOf(address) ?? 'https://graph.microsoft.com'}/.default`;
  const cloud = kind === 'smtp' ? cloudOfMailHost(address.trim().toLowerCase()) : null;
  const origin = kind === 'ews' ? outlookOrigin(address) : `https://${(cloud ?? globalCloud).outlookHost}`;
  return `${origin}/.default`;
}

// An on-premises server with hybrid sign-in is named by its own address.
function outlookOrigin(connectUrl: string): string {
  const origin = originOf(connectUrl);
  if (origin === null || origin === 'https://outlook.office.com') return `https://${globalCloud.outlookHost}`;
  return origin;
}

function originOf(address: string): string | null {
  return URL.canParse(address) ? new URL(address).origin : null;
}
