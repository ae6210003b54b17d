import type { GraphFaultCode } from '#lib/transports/graph/codes.ts';
import type { Remedy } from './remedy.ts';

/** What each of Mailroom's codes of Microsoft Graph means to the person who reads it. */
export const graphRemedies: Readonly<Record<GraphFaultCode, Remedy>> = {
  GRAPH_TOKEN_REFUSED: {
    happened: 'Microsoft Graph did not accept the token, and a new one neither.',
    todo: 'Check that the Graph endpoint and the sign-in host belong to the same cloud, and that the scopes are those of Graph (Mail.Send). Then give consent again.',
  },
  GRAPH_SIGN_IN_AGAIN: {
    happened: 'Microsoft wants a person to sign in again, usually because of a Conditional Access policy.',
    todo: 'Give consent again as the mailbox. If it comes back, ask the Microsoft administrator to except this app from the policy.',
  },
  GRAPH_ACCESS_DENIED: {
    happened: 'The app may not do this for this mailbox.',
    todo: 'Add the permission Mail.Send (and Mail.ReadWrite for drafts and look-ups) to the app registration and give consent again. For an app of its own, ask whether the mailbox is within the mailboxes that the app is limited to.',
  },
  GRAPH_SEND_AS_DENIED: {
    happened: 'The mailbox may not send from this From address.',
    todo: 'Set the From address to the mailbox itself, or ask the Exchange administrator for the right "Send As" on that address. New rights take up to an hour.',
  },
  GRAPH_MAILBOX_NOT_FOUND: {
    happened: 'Microsoft 365 has no such mailbox, or it cannot be reached by Graph.',
    todo: 'Check the spelling of the mailbox. It needs an Exchange Online licence; a mailbox on your own Exchange server cannot be reached by Graph.',
  },
  GRAPH_MAILBOX_FULL: {
    happened: 'The mailbox is full, so that nothing can be sent from it.',
    todo: 'Delete or archive mail in the mailbox, Sent Items first, or ask the Exchange administrator for more space.',
  },
  GRAPH_NOT_GRAPH: {
    happened: 'Something answered at this address, but it was not Microsoft Graph.',
    todo: 'Check the Graph endpoint: for the global cloud it is https://graph.microsoft.com/v1.0. A sign-in page or a proxy in between answers like this too.',
  },
  GRAPH_RECIPIENTS_INVALID: {
    happened: 'Exchange did not accept the recipients.',
    todo: 'Check the addresses for spelling mistakes. One address that Exchange cannot read stops the whole mail.',
  },
  GRAPH_CONTENT_REFUSED: {
    happened: 'Exchange could not read the content of the mail.',
    todo: "Read the server's words below; a header of the caller's own is the usual cause. Then send the mail again.",
  },
  GRAPH_REQUEST_REFUSED: {
    happened: 'Microsoft Graph refused the request for this mail.',
    todo: "Read the server's words below. With its request-id Microsoft's support finds the reason.",
  },
  GRAPH_TOO_LARGE: {
    happened: 'The mail is larger than the mailbox may send.',
    todo: 'Send less or smaller attachments. Exchange takes 35 MB unless the administrator allows up to 150 MB, and text of at most 3 MB.',
  },
  GRAPH_THROTTLED: {
    happened: 'Microsoft asks to slow down.',
    todo: 'Nothing: sending goes on by itself when the time that Microsoft named has passed. If it comes often, look whether another product uses the same client ID and mailbox.',
  },
  GRAPH_QUOTA_EXCEEDED: {
    happened: 'The mailbox has sent as much as Exchange allows in a day.',
    todo: 'Sending goes on by itself as the 24 hours move on. For more, spread the mail over several mailboxes, or send it by SMTP through another service.',
  },
  GRAPH_SUBMISSION_BLOCKED: {
    happened: 'Microsoft has stopped this mailbox from sending.',
    todo: 'Ask the Microsoft administrator to look at the restricted entities in the Defender portal and to release the mailbox.',
  },
  GRAPH_BUSY: {
    happened: 'The server is too busy at the moment.',
    todo: 'Nothing: sending goes on by itself when the time that Microsoft named has passed.',
  },
  GRAPH_SERVER_ERROR: {
    happened: 'The server failed and did not say whether it sent the mail.',
    todo: 'Look into Sent Items of the mailbox before you send the mail again. If it goes on, check the service health in the Microsoft 365 admin center.',
  },
  GRAPH_UNEXPECTED_ANSWER: {
    happened: 'The answer was neither a yes nor a no that Graph knows.',
    todo: 'Check the Graph endpoint and whether a proxy answers in its place. Look into Sent Items before you send the mail again.',
  },
  GRAPH_CONFLICT: {
    happened: 'Exchange was working on the same mailbox or mail and did not take this request.',
    todo: 'Nothing: Mailroom tries again by itself.',
  },
  GRAPH_UPLOAD_FAILED: {
    happened: 'An attachment could not be uploaded, so that the mail was not sent.',
    todo: 'Mailroom tries again by itself. If it goes on, check that outlook.office.com can be reached from this machine or through the proxy.',
  },
  GRAPH_DRAFT_NOT_SENT: {
    happened: 'The mail still lies in Drafts: it was not sent.',
    todo: 'Nothing: Mailroom sends the same draft again.',
  },
  GRAPH_DRAFT_GONE: {
    happened: 'The draft of this mail is gone, and no sent copy was found.',
    todo: 'Ask whether somebody deleted the draft or the copy. Look at the recipient’s side before you send the mail again.',
  },
  GRAPH_DRAFT_NOT_ALLOWED: {
    happened: 'A mail of more than 3 MB becomes a draft first, and the consent does not allow that.',
    todo: 'Add the scope Mail.ReadWrite and give consent again, or send smaller attachments.',
  },
};
