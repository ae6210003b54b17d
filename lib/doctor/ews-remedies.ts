import type { EwsFaultCode } from '#lib/transports/ews/fault-codes.ts';
import type { Remedy } from './remedy.ts';

/** What each of Mailroom's codes of Exchange Web Services means to the person who reads it. */
export const ewsRemedies: Readonly<Record<EwsFaultCode, Remedy>> = {
  EWS_RETIRED: {
    happened: 'Microsoft 365 no longer answers Exchange Web Services for this organization.',
    todo: 'Move this project to Microsoft Graph. Microsoft blocks Exchange Web Services since 1 October 2026 and ends them on 1 April 2027; until then a Microsoft 365 administrator can allow this app by its ID (EWSEnabled and EwsAllowedAppIDs).',
  },
  EWS_FORBIDDEN: {
    happened: 'The server does not let this machine use Exchange Web Services.',
    todo: 'Ask the Exchange administrator whether EWS is switched on for this mailbox, and whether the server accepts requests from this network.',
  },
  EWS_ADDRESS_WRONG: {
    happened: 'There are no Exchange Web Services at this address.',
    todo: 'Check the connect URL: it looks like https://mail.example.com/EWS/Exchange.asmx, for Microsoft 365 https://outlook.office365.com/EWS/Exchange.asmx.',
  },
  EWS_NOT_EWS: {
    happened: 'Something answered at this address, but it was not Exchange.',
    todo: 'Check the connect URL. A sign-in page or a firewall in between answers like this; Exchange Web Services must be reachable without it.',
  },
  EWS_AUTH_REFUSED: {
    happened: 'Exchange did not accept the user name and password.',
    todo: 'Enter both again. The user name is the whole e-mail address or DOMAIN\\name; an account with two-step sign-in needs OAuth.',
  },
  EWS_AUTH_METHOD_MISSING: {
    happened: 'The server does not offer this way of signing in.',
    todo: 'Choose another authentication type. Microsoft 365 takes OAuth only; your own server offers Basic or NTLM only where its administrator has switched it on for EWS.',
  },
  EWS_TOKEN_REFUSED: {
    happened: 'Exchange did not accept the token, and a new one neither.',
    todo: 'Check the scope (https://outlook.office365.com/EWS.AccessAsUser.All, or full_access_as_app for an app of its own) and that the authorization server belongs to this mailbox, then give consent again.',
  },
  EWS_ACCOUNT_LOCKED: {
    happened: 'The account is locked.',
    todo: 'Sign in to the account in a browser and follow the steps to unlock it, then test again.',
  },
  EWS_ACCOUNT_DISABLED: {
    happened: 'The account is disabled.',
    todo: 'Ask the Exchange administrator to enable it, or use another account.',
  },
  EWS_PASSWORD_EXPIRED: {
    happened: 'The password of the account has expired.',
    todo: 'Change it at Exchange, then enter the new one here.',
  },
  EWS_ACCESS_DENIED: {
    happened: 'The account that signed in has no right to this mailbox.',
    todo: 'Give it "Full Access" and "Send As" on the mailbox in Exchange, or let the app have full_access_as_app or the role EWS.AccessAsApp. Rights take up to two hours to act.',
  },
  EWS_IMPERSONATION_DENIED: {
    happened: 'The account may not speak for this mailbox.',
    todo: 'On your own server, give the account the role ApplicationImpersonation. Microsoft 365 has ended that role: use an app with full_access_as_app, or the role EWS.AccessAsApp.',
  },
  EWS_MAILBOX_UNKNOWN: {
    happened: 'Exchange finds no mailbox for this address.',
    todo: "Enter the mailbox's primary address. If it has moved to another server, use that server's connect URL.",
  },
  EWS_LICENCE_MISSING: {
    happened: 'The mailbox has no valid licence.',
    todo: 'Ask the Microsoft 365 administrator to assign one, or use another mailbox.',
  },
  EWS_MAILBOX_FULL: {
    happened: 'The mailbox of the sender is full, so it cannot send.',
    todo: 'Empty it, above all Sent Items, raise its size, or keep no copies of sent mail.',
  },
  EWS_MAILBOX_MOVING: {
    happened: 'The mailbox is being moved to another server or database.',
    todo: 'Wait; sending goes on by itself when the move is over.',
  },
  EWS_SEND_AS_DENIED: {
    happened: 'The mailbox may not send as this from address.',
    todo: 'Give it the "Send As" right for this address in Exchange, or set the from address to the mailbox itself.',
  },
  EWS_QUOTA_EXCEEDED: {
    happened: "The mailbox has used up Exchange's limit on sending.",
    todo: 'Wait: such limits run over 24 hours. Set the same limit in Mailroom so that mail is held before it is refused.',
  },
  EWS_SERVER_BUSY: {
    happened: 'Exchange asks to send more slowly.',
    todo: 'Wait: sending goes on by itself after the time that Exchange names. If it happens often, set a lower rate for this project.',
  },
  EWS_TOO_MANY_CONNECTIONS: {
    happened: 'Too many requests use this mailbox at once.',
    todo: 'Set fewer connections for this project; Exchange allows 27 for each account, over all programs.',
  },
  EWS_RECIPIENTS_INVALID: {
    happened: 'Exchange could not use one of the recipients, and then it takes the whole mail for none.',
    todo: 'Check the recipients: each must be one whole e-mail address.',
  },
  EWS_ADDRESS_INVALID: {
    happened: 'An address cannot be written in a request to Exchange.',
    todo: 'Check the address for blanks, commas, brackets and other stray characters.',
  },
  EWS_TOO_LARGE: {
    happened: 'The mail is larger than Exchange allows.',
    todo: 'Make attachments smaller, or have the limit for EWS raised; it counts the mail with a third added.',
  },
  EWS_CONTENT_REFUSED: {
    happened: 'Exchange could not read the mail.',
    todo: "Read the server's words. If this mail was handed over as finished MIME, check how it is built.",
  },
  EWS_CONTENT_UNREADABLE: {
    happened: 'The stored content of the mail could not be read.',
    todo: 'Try again. If it goes on, the operator of Mailroom should look at its database.',
  },
  EWS_FOLDER_MISSING: {
    happened: 'The mailbox has no folder for sent mail, or it cannot be used.',
    todo: 'Open the mailbox once in Outlook, or keep no copies of sent mail.',
  },
  EWS_VERSION_REFUSED: {
    happened: 'This Exchange server is too old.',
    todo: 'Mailroom needs Exchange 2013 with Service Pack 1 or newer. Send by SMTP through this server instead.',
  },
  EWS_REQUEST_REFUSED: {
    happened: 'Exchange did not understand the request.',
    todo: "Read the server's words. The mail is tried again; if it goes on, report it to whoever maintains Mailroom.",
  },
  EWS_TEMPORARY: {
    happened: 'Exchange has a problem of its own at the moment.',
    todo: 'Try again in some minutes. If it goes on, ask whoever runs the server.',
  },
  EWS_PERMANENT: {
    happened: 'Exchange refused the mail.',
    todo: "Read the server's words; trying again without a change will not help.",
  },
  EWS_OUTCOME_UNKNOWN: {
    happened: 'Exchange did not say whether it took the mail.',
    todo: 'Mailroom looks into Sent Items before it sends again. Where no copy is kept, look into the recipient’s mailbox before you try again.',
  },
  EWS_ABORTED: { happened: 'The test was broken off.', todo: 'Start the test again.' },
};
