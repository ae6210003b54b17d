import { splitScopes } from '#lib/settings/oauth-schemas.ts';
import { authenticationKind, type ConnectionForm, serverKind } from './connection-form.ts';

export interface RegistrationStep {
  readonly text: string;
  /** What is to be pasted there, exactly. */
  readonly paste?: string | undefined;
}

/** How an app is registered for what stands in the form, step by step; null where the provider is not known. */
export function registrationSteps(
  form: ConnectionForm,
  redirectUrl: string,
): { readonly title: string; readonly steps: readonly RegistrationStep[] } | null {
  if (authenticationKind(form) !== 'oauth') return null;
  const server = serverKind(form);
  switch (server) {
    case 'microsoft':
      return { title: 'How to register the app at Microsoft', steps: microsoftSteps(form, redirectUrl) };
    case 'google':
      return { title: 'How to register the app at Google', steps: googleSteps(redirectUrl) };
    case 'other':
      return null;
    default:
      return server satisfies never;
  }
}

const entraByHost: Readonly<Record<string, string>> = {
  'login.microsoftonline.us': 'https://entra.microsoft.us',
  'login.chinacloudapi.cn': 'https://entra.microsoftonline.cn',
};

function microsoftSteps(form: ConnectionForm, redirectUrl: string): RegistrationStep[] {
  const entra = entraByHost[form['connection.authentication.server.host']] ?? 'https://entra.microsoft.com';
  const isDelegated = form['connection.authentication.access'] === 'delegated';
  const usesSecret = form['connection.authentication.credential.kind'] === 'secret';
  return [
    { text: 'Open the Entra admin center, App registrations, and choose New registration.', paste: entra },
    { text: 'Name it so that your colleagues know it.', paste: 'Mailroom' },
    ...(isDelegated ? [{ text: 'Redirect URI, platform Web:', paste: redirectUrl }] : []),
    { text: 'Copy the Application (client) ID and the Directory (tenant) ID into the fields above.' },
    {
      text: usesSecret
        ? 'Certificates & secrets, New client secret: copy its Value, not the Secret ID, and the day on which it ends.'
        : 'Certificates & secrets, Certificates, Upload certificate: the certificate from the field above.',
    },
    ...permissionSteps(form, isDelegated),
    ...mailboxSteps(form, isDelegated),
    {
      text: isDelegated
        ? 'Save here, then connect and sign in as the mailbox.'
        : 'Save here, then send a test mail.',
    },
  ];
}

function permissionSteps(form: ConnectionForm, isDelegated: boolean): RegistrationStep[] {
  const kind = form['connection.kind'];
  const api =
    kind === 'graph' || (kind === 'smtp' && isDelegated) ? 'Microsoft Graph' : 'Office 365 Exchange Online';
  const type = isDelegated ? 'Delegated permissions' : 'Application permissions';
  return [
    { text: `API permissions, Add a permission, ${api}, ${type}:`, paste: rightsOf(form, isDelegated) },
    {
      text: isDelegated
        ? 'Where your tenant lets no member consent, an administrator chooses Grant admin consent there.'
        : 'Choose Grant admin consent there: without it an app-only sign-in is refused.',
    },
  ];
}

function rightsOf(form: ConnectionForm, isDelegated: boolean): string {
  if (isDelegated) {
    return splitScopes(form['connection.authentication.scope'])
      .map((scope) => scope.split('/').at(-1) ?? scope)
      .join(' ');
  }
  const kind = form['connection.kind'];
  switch (kind) {
    case 'smtp':
      return 'SMTP.SendAsApp';
    case 'ews':
      return 'full_access_as_app';
    case 'graph':
      return 'Mail.Send Mail.ReadWrite';
    default:
      return kind satisfies never;
  }
}

function mailboxSteps(form: ConnectionForm, isDelegated: boolean): RegistrationStep[] {
  if (form['connection.kind'] !== 'smtp') return [];
  const mailbox = form['connection.authentication.userName'].trim() || 'support@contoso.com';
  if (isDelegated) {
    return [
      {
        text: 'SMTP AUTH must be on for the mailbox; in Exchange Online PowerShell:',
        paste: `Set-CASMailbox -Identity ${mailbox} -SmtpClientAuthenticationDisabled $false`,
      },
    ];
  }
  const clientId = form['connection.authentication.clientId'].trim() || 'CLIENT_ID';
  return [
    {
      text: 'In Exchange Online PowerShell, with the object ID that Enterprise applications (not App registrations) shows:',
      paste: `New-ServicePrincipal -AppId ${clientId} -ObjectId OBJECT_ID`,
    },
    {
      text: 'Give it the mailbox:',
      paste: `Add-MailboxPermission -Identity ${mailbox} -User OBJECT_ID -AccessRights FullAccess`,
    },
  ];
}

function googleSteps(redirectUrl: string): RegistrationStep[] {
  return [
    {
      text: 'Open the Google Cloud console and make or choose a project.',
      paste: 'https://console.cloud.google.com',
    },
    {
      text: 'Google Auth Platform, Branding: app name and support address. Audience: Internal, where all mailboxes are of your Workspace; an External app in testing loses its consent after seven days.',
    },
    { text: 'Data access, Add scopes:', paste: 'https://mail.google.com/' },
    { text: 'Clients, Create client, Web application. Authorized redirect URIs:', paste: redirectUrl },
    { text: 'Copy the client ID and the client secret into the fields above.' },
    { text: 'Save here, then connect and sign in as the mailbox.' },
  ];
}
