import type { SmtpFaultCode } from '#lib/transports/smtp/fault-codes.ts';
import type { Remedy } from './remedy.ts';

/** What the stable codes of the SMTP dialogue mean to a person. */
export const smtpRemedies: Readonly<Record<SmtpFaultCode, Remedy>> = {
  SMTP_NOT_SMTP: {
    happened: 'Something answers on this port, but it does not speak SMTP.',
    todo: 'Check the port and the protocol. Port 465 wants SMTPS; 587 and 25 want SMTP.',
  },
  SMTP_GREETING_REFUSED: {
    happened: 'The server refused the session before sign-in.',
    todo: "Read the server's words. It often refuses the address of this machine or the name that Mailroom greets with.",
  },
  SMTP_SERVER_CLOSING: {
    happened: 'The server is closing sessions at the moment.',
    todo: 'Wait a few minutes and try again. If it goes on, ask whoever runs the server.',
  },
  SMTP_CONNECTION_LOST: {
    happened: 'The server ended the connection without an answer.',
    todo: 'Check port and protocol: SMTPS on a port for SMTP, or the other way round, ends like this. If they are right, try again later.',
  },
  SMTP_TIMEOUT: {
    happened: 'The server took too long to answer.',
    todo: 'Try again. If it goes on, check port and protocol, and ask whoever runs the server.',
  },
  SMTP_PROTOCOL: {
    happened: 'The server answered something that SMTP does not allow here.',
    todo: 'Read the dialogue below and pass it on to whoever runs the server.',
  },
  SMTP_ABORTED: { happened: 'The mail was broken off before it was done.', todo: 'Start the test again.' },
  SMTP_TLS_NAME_MISMATCH: {
    happened: 'The certificate of the server is for another name.',
    todo: 'Enter the server under the name that stands in its certificate, not under an alias or an address.',
  },
  SMTP_TLS_UNTRUSTED: {
    happened: 'The certificate of the server was not issued by an authority that Mailroom knows.',
    todo: 'If the server uses an authority of your own, paste its certificate as custom CA. Otherwise the server should get a certificate from a public authority.',
  },
  SMTP_TLS_EXPIRED: {
    happened: 'The certificate of the server is not valid at this time.',
    todo: 'Whoever runs the server must renew the certificate. Check also the clock of this machine.',
  },
  SMTP_TLS_FAILED: {
    happened: 'No encrypted connection came about.',
    todo: 'Check protocol and port: SMTPS on 465, SMTP with STARTTLS on 587. The server must offer TLS 1.2 or newer.',
  },
  SMTP_TLS_REQUIRED_FOR_PASSWORD: {
    happened: 'The connection is not encrypted, so the password was not sent.',
    todo: 'Use a port where the server offers TLS, usually 587 or 465. Only if the network is safe, set TLS to "none" to send it in clear.',
  },
  SMTP_STARTTLS_MISSING: {
    happened: 'TLS is required, but the server does not offer STARTTLS.',
    todo: 'Try SMTPS on port 465, or SMTP on port 587. If the server used to offer it, something between may be removing the offer.',
  },
  SMTP_STARTTLS_REFUSED: {
    happened: 'The server offers STARTTLS but refused to start it.',
    todo: 'Try again in a few minutes. If it goes on, the TLS set-up of the server is broken.',
  },
  SMTP_STARTTLS_DEMANDED: {
    happened: 'The server takes mail over an encrypted connection only.',
    todo: 'Set TLS to "required", or use SMTPS on port 465.',
  },
  SMTP_AUTH_NOT_OFFERED: {
    happened: 'A user name is set, but the server does not offer sign-in on this connection.',
    todo: 'Use the submission port 587 or 465. If the server takes mail without sign-in, untick "requires authentication".',
  },
  SMTP_AUTH_MECHANISM_MISSING: {
    happened: 'The server does not accept a password in any way that Mailroom can use.',
    todo: 'Check whether the provider wants OAuth instead of a password.',
  },
  SMTP_TOKEN_REFUSED: {
    happened: 'The server did not accept the token for this user name, also not a new one.',
    todo: 'Check that the user name is the address of the mailbox that consented or that it may send as, that the scope is the one for SMTP, and that SMTP AUTH is on for the mailbox at Microsoft 365.',
  },
  SMTP_TOKEN_MECHANISM_MISSING: {
    happened: 'The server takes no tokens: it offers neither XOAUTH2 nor OAUTHBEARER.',
    todo: 'Check the server name and the port. If they are right, choose basic authentication, or another protocol.',
  },
  SMTP_AUTH_REFUSED: {
    happened: 'The server did not accept the user name and password.',
    todo: 'Enter both again; the user name is often the whole e-mail address. With two-step sign-in most providers want an app password.',
  },
  SMTP_AUTH_UNAVAILABLE: {
    happened: 'The server cannot check sign-ins at the moment.',
    todo: 'Wait some minutes and try again; the password is not at fault.',
  },
  SMTP_APP_PASSWORD_NEEDED: {
    happened: 'The provider wants an app password or OAuth instead of the usual password.',
    todo: "Create an app password in the account's security settings and enter it here, or use OAuth.",
  },
  SMTP_WEB_SIGN_IN_NEEDED: {
    happened: 'The provider wants someone to sign in to this account in a browser first.',
    todo: 'Sign in to the account in a browser, confirm that it was you, and try again.',
  },
  SMTP_PASSWORD_CHANGE_NEEDED: {
    happened: 'The server wants the password of this account to be changed.',
    todo: 'Change the password at the provider, then enter the new one here.',
  },
  SMTP_BASIC_AUTH_OFF: {
    happened: 'Sign-in with a password is switched off for this mailbox or its whole organization.',
    todo: 'Move this project to Microsoft Graph or OAuth. Until then a Microsoft 365 administrator can switch on "Authenticated SMTP" for the mailbox, unless security defaults forbid it.',
  },
  SMTP_NOT_SIGNED_IN: {
    happened: 'The server takes mail from signed-in senders only.',
    todo: 'Tick "requires authentication" and enter user name and password.',
  },
  SMTP_SENDER_REFUSED: {
    happened: 'The server does not accept this sender address.',
    todo: 'Use a from address that this account may send as, usually the address of the account itself.',
  },
  SMTP_SENDER_DEFERRED: {
    happened: 'The server does not take mail from this sender at the moment.',
    todo: "Read the server's words and try again later.",
  },
  SMTP_SEND_AS_DENIED: {
    happened: 'The signed-in mailbox may not send as this from address.',
    todo: 'Give the mailbox the "Send As" right for this address in Exchange, or set the from address to the mailbox itself.',
  },
  SMTP_MAILBOX_FULL: {
    happened: 'The mailbox of the sender is full, so it cannot send.',
    todo: 'Empty the mailbox, above all Sent Items, or raise its size.',
  },
  SMTP_MAILBOX_BLOCKED: {
    happened: 'The provider has stopped this mailbox from sending.',
    todo: "Read the provider's words, remove the cause, and have its administrator release the mailbox.",
  },
  SMTP_TENANT_BLOCKED: {
    happened: 'The provider has stopped the whole organization from sending.',
    todo: 'The administrator of the organization must settle this with the provider.',
  },
  SMTP_QUOTA_EXCEEDED: {
    happened: "The provider's limit for this mailbox is used up.",
    todo: 'Wait: such limits run over 24 hours. Set the same limit in Mailroom so that mail is held before it is refused.',
  },
  SMTP_THROTTLED: {
    happened: 'The server asks to send more slowly.',
    todo: 'Wait some minutes. Set a lower rate or fewer connections for this project.',
  },
  SMTP_TOO_MANY_CONNECTIONS: {
    happened: 'Too many connections use this mailbox at once.',
    todo: 'Set fewer connections for this project; Exchange Online allows three per mailbox, over all programs.',
  },
  SMTP_TOO_MANY_RECIPIENTS: {
    happened: 'The server takes no more recipients in one mail.',
    todo: 'Send to fewer recipients at once; Mailroom sends the rest in another mail.',
  },
  SMTP_RECIPIENT_REFUSED: {
    happened: 'The server refused the recipient.',
    todo: "Read the server's words. Try another recipient to see whether the refusal is about this one.",
  },
  SMTP_RECIPIENT_UNKNOWN: {
    happened: 'The server does not know the recipient.',
    todo: "Check the spelling of the recipient's address.",
  },
  SMTP_RECIPIENT_DEFERRED: {
    happened: 'The server does not take mail for this recipient yet.',
    todo: 'Try again in some minutes; many servers put off unknown senders at first.',
  },
  SMTP_RECIPIENT_FULL: {
    happened: 'The mailbox of the recipient is full.',
    todo: 'Try another recipient, or wait until there is room.',
  },
  SMTP_RECIPIENT_RATE: {
    happened: 'The recipient gets too much mail at the moment.',
    todo: 'Try again in an hour.',
  },
  SMTP_RELAY_DENIED: {
    happened: 'The server does not pass on mail to this recipient for this sender.',
    todo: 'Sign in with a user name, or have the server allow the address of this machine to relay.',
  },
  SMTP_TOO_LARGE: {
    happened: 'The mail is larger than the server allows.',
    todo: "Make attachments smaller, or have the server's size limit raised.",
  },
  SMTP_CONTENT_REFUSED: {
    happened: 'The server refused the mail after reading it.',
    todo: "Read the server's words: it often takes the content or an attachment for unwanted, or checks the sender only now.",
  },
  SMTP_CONTENT_DEFERRED: {
    happened: 'The server put the mail off after reading it.',
    todo: 'Try again in some minutes.',
  },
  SMTP_CONTENT_UNREADABLE: {
    happened: 'The stored content of the mail could not be read.',
    todo: 'Try again. If it goes on, the operator of Mailroom should look at its database.',
  },
  SMTP_SERVER_BUSY: {
    happened: 'The server has a problem of its own at the moment.',
    todo: 'Try again in some minutes. If it goes on, ask whoever runs the server.',
  },
  SMTP_SMTPUTF8_MISSING: {
    happened: 'An address has letters that this server does not take.',
    todo: 'Use an address with plain letters before the @, or a server that offers SMTPUTF8.',
  },
  SMTP_ADDRESS_INVALID: {
    happened: 'An address cannot be sent to a mail server as it is written.',
    todo: 'Check the address for spaces, brackets and other stray characters.',
  },
  SMTP_OUTCOME_UNKNOWN: {
    happened: 'The connection ended before the server said whether it took the mail.',
    todo: "Look into the recipient's mailbox before you try again: the mail may have arrived.",
  },
  SMTP_TEMPORARY: {
    happened: 'The server refused for now.',
    todo: "Read the server's words and try again later.",
  },
  SMTP_PERMANENT: {
    happened: 'The server refused for good.',
    todo: "Read the server's words; trying again without a change will not help.",
  },
};
