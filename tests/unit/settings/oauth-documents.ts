import type { ConnectionOf, MailSettingsDocument } from '#lib/settings/schemas.ts';

const secretId = '01990000-0000-7000-8000-00000000000c';
const grantId = '01990000-0000-7000-8000-00000000000d';
const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';

export const graphConnection: ConnectionOf<MailSettingsDocument, 'graph'> = {
  kind: 'graph',
  endpoint: 'https://graph.microsoft.com/v1.0',
  mailbox: 'billing@contoso.example',
  customCa: null,
  saveToSentItems: true,
  proveOnce: false,
  requestsCountedBy: 'client_and_mailbox',
  authentication: {
    kind: 'oauth',
    server: { kind: 'microsoft', host: 'login.microsoftonline.com', tenant: 'contoso.example' },
    access: 'delegated',
    clientId: '11111111-2222-3333-4444-555555555555',
    credential: { kind: 'secret', secret: { secretId }, expiresOn: '2027-05-01' },
    scope: 'Mail.ReadWrite Mail.Send.Shared offline_access',
    signInName: null,
    consent: { grantId },
  },
};

export const ewsConnection: ConnectionOf<MailSettingsDocument, 'ews'> = {
  kind: 'ews',
  connectUrl: 'https://mail.contoso.example/EWS/Exchange.asmx',
  checkCertificate: true,
  customCa: null,
  maxConnections: 10,
  saveToSentItems: true,
  anchorMailbox: 'billing@contoso.example',
  impersonatedMailbox: 'billing@contoso.example',
  mailboxAccess: 'impersonation',
  authentication: { kind: 'basic', scheme: 'ntlm', userName: 'CONTOSO\\billing', password: { secretId } },
};

/** SMTP at Google, EWS with a password and Graph with a certificate: the fields that plain SMTP does not have. */
export function oauthDocuments(base: MailSettingsDocument): MailSettingsDocument[] {
  if (base.connection.kind !== 'smtp') throw new Error('the base is SMTP');
  return [
    { ...base, connection: graphConnection },
    { ...base, connection: ewsConnection },
    {
      ...base,
      connection: {
        ...graphConnection,
        authentication: {
          ...graphConnection.authentication,
          credential: { kind: 'certificate', certificate, privateKey: { secretId } },
        },
      },
    },
    {
      ...base,
      connection: {
        ...base.connection,
        host: 'smtp.gmail.com',
        authentication: {
          ...graphConnection.authentication,
          server: {
            kind: 'google',
            authorizationUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
            tokenUrl: 'https://oauth2.googleapis.com/token',
          },
          userName: 'billing@contoso.example',
          scope: 'https://mail.google.com/',
        },
      },
    },
  ];
}
