import type { OauthFaultCode } from '#lib/oauth/token-codes.ts';
import type { Remedy } from './remedy.ts';

const consentAgain = 'Open the mail settings and give the consent again, signed in as the mailbox.';

/** What the stable codes of the authorization server mean to a person. */
export const oauthRemedies: Readonly<Record<OauthFaultCode, Remedy>> = {
  OAUTH_CONSENT_MISSING: {
    happened: 'Nobody has consented for this mailbox yet.',
    todo: 'Open the mail settings and choose Connect, or make a consent link for the owner of the mailbox.',
  },
  OAUTH_CONSENT_EXPIRED: {
    happened:
      'This consent was used, took too long, or was started in another browser or for other settings.',
    todo: 'Start it again.',
  },
  OAUTH_SESSION_ENDED: {
    happened: 'The session in Mailroom had ended when the provider led back.',
    todo: 'Sign in, and start the consent again.',
  },
  OAUTH_CONSENT_REQUIRED: {
    happened: 'The app was not given the rights that the scope asks for (AADSTS65001).',
    todo: 'Give the consent again. If the scope asks for more than before, the account must agree to it.',
  },
  OAUTH_CONSENT_DENIED: {
    happened: 'The consent was refused on the page of the provider.',
    todo: 'Start again and accept the rights that are asked for.',
  },
  OAUTH_ADMIN_CONSENT_REQUIRED: {
    happened: 'Only an administrator of the tenant may consent to these rights (AADSTS90094).',
    todo: 'Send the consent link to an administrator, who chooses Consent for the organization.',
  },
  OAUTH_RIGHTS_MISSING: {
    happened: 'The account granted fewer rights than the scope asks for.',
    todo: 'Consent again and leave every box ticked; Google lets people untick single rights. Or take the missing right out of the scope.',
  },
  OAUTH_WRONG_ACCOUNT: {
    happened: 'Another account consented than the configured mailbox.',
    todo: 'Sign in as the mailbox, in a private window if the browser picks another account. If that account may send as the mailbox, enter it as the sign-in name.',
  },
  OAUTH_NO_REFRESH_TOKEN: {
    happened: 'The provider gave no refresh token, so sending would stop within the hour.',
    todo: 'Remove the app from the account at the provider and consent again. At Microsoft and most others the scope needs offline_access.',
  },
  OAUTH_GRANT_ENDED: {
    happened: 'The consent no longer holds: it was revoked, has expired, or the password was changed.',
    todo: `${consentAgain} At Google, an app in publishing status Testing loses every consent after 7 days: publish it.`,
  },
  OAUTH_GRANT_REVOKED: {
    happened: 'The consent was revoked by the account or an administrator (AADSTS50173).',
    todo: consentAgain,
  },
  OAUTH_TOKEN_UNUSED: {
    happened: 'The refresh token was not used for too long and has ended (AADSTS700082).',
    todo: `${consentAgain} Mailroom renews tokens daily while its worker runs.`,
  },
  OAUTH_SIGN_IN_FREQUENCY: {
    happened: 'A policy asks this account to sign in again after some time (AADSTS70043).',
    todo: 'Have the account taken out of that sign-in frequency policy, else this repeats. Then give the consent again.',
  },
  OAUTH_INTERACTION_REQUIRED: {
    happened: 'The account must sign in with a second factor or do something at its provider first.',
    todo: 'Give the consent again, signed in as the mailbox. For a service account, ask the administrator for an exception in Conditional Access.',
  },
  OAUTH_POLICY_BLOCKS: {
    happened: 'A policy of the tenant does not let this account or machine in (AADSTS53003).',
    todo: 'Ask the administrator of the tenant to allow this app in Conditional Access.',
  },
  OAUTH_ACCOUNT_BLOCKED: {
    happened: 'The account is locked, disabled, or its password has expired.',
    todo: 'Put the account in order at the provider, then give the consent again.',
  },
  OAUTH_USER_NOT_ASSIGNED: {
    happened: 'The account is not assigned to the app (AADSTS50105).',
    todo: 'In Microsoft Entra, under Enterprise applications, assign the account to the app or switch the assignment off.',
  },
  OAUTH_SECRET_WRONG: {
    happened: 'The client secret is not the right one (AADSTS7000215).',
    todo: "Paste the secret's Value, not its Secret ID; the Value is shown only once. If it is lost, make a new secret.",
  },
  OAUTH_SECRET_EXPIRED: {
    happened: 'The client secret has expired (AADSTS7000222).',
    todo: 'Make a new secret under Certificates & secrets of the app, and paste its Value here with the day on which it ends.',
  },
  OAUTH_CERTIFICATE_WRONG: {
    happened: 'The certificate of the app was not accepted (AADSTS700027).',
    todo: 'Upload the same certificate under Certificates & secrets of the app, and check that it has not expired.',
  },
  OAUTH_CLIENT_REFUSED: {
    happened: 'The authorization server did not accept client ID and secret.',
    todo: 'Check the client ID, and enter the client secret again.',
  },
  OAUTH_CLIENT_UNKNOWN: {
    happened: 'The authorization server does not know this client ID, or the app is disabled there.',
    todo: 'Check client ID and tenant: the app must be registered or consented to in that tenant.',
  },
  OAUTH_TENANT_UNKNOWN: {
    happened: 'There is no such tenant (AADSTS90002).',
    todo: 'Check the tenant ID, and that the sign-in host belongs to the cloud of that tenant.',
  },
  OAUTH_TENANT_MISMATCH: {
    happened: 'The app does not serve accounts of this tenant.',
    todo: 'Enter the tenant in which the app is registered instead of common or organizations.',
  },
  OAUTH_REDIRECT_MISMATCH: {
    happened: 'The redirect URL is not registered with the app (AADSTS50011).',
    todo: 'Copy the redirect URL from the mail settings and add it to the app exactly so, as platform Web.',
  },
  OAUTH_SCOPE_INVALID: {
    happened: 'The authorization server does not know this scope.',
    todo: 'Check the scope for typing errors. App-only needs one scope that ends in /.default.',
  },
  OAUTH_RESOURCE_MISSING: {
    happened: 'The app or the tenant has no access to the service that the scope names.',
    todo: 'Add the permission under API permissions of the app, and check that the tenant has a licence for it.',
  },
  OAUTH_CODE_USED: {
    happened: 'This consent was redeemed already.',
    todo: 'Start the consent again.',
  },
  OAUTH_ISSUER_MISMATCH: {
    happened: 'Another authorization server answered than the configured one.',
    todo: 'Check the authorization URL, and start the consent again.',
  },
  OAUTH_REFUSED: {
    happened: 'The authorization server refused.',
    todo: "Read the server's words below.",
  },
  OAUTH_SERVER_BUSY: {
    happened: 'The authorization server is overloaded or out of order at the moment.',
    todo: 'Mailroom asks again by itself. If it goes on, look at the status page of the provider.',
  },
  OAUTH_UNREACHABLE: {
    happened: 'The authorization server could not be reached.',
    todo: 'Check the sign-in host or token URL, and whether a proxy is needed.',
  },
  OAUTH_ANSWER_INVALID: {
    happened: 'Something answers at the token address, but it is no authorization server.',
    todo: 'Check the token URL or sign-in host. A proxy that shows a page of its own answers like this too.',
  },
};
