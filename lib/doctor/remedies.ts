import type { ConnectFaultCode } from '#lib/transports/connect-faults.ts';
import { ewsRemedies } from './ews-remedies.ts';
import { graphRemedies } from './graph-remedies.ts';
import { httpRemedies } from './http-remedies.ts';
import { oauthRemedies } from './oauth-remedies.ts';
import type { Remedy } from './remedy.ts';
import { smtpRemedies } from './smtp-remedies.ts';

const connectRemedies: Readonly<Record<ConnectFaultCode, Remedy>> = {
  HOST_UNKNOWN: {
    happened: 'No address was found for the server name.',
    todo: 'Check the spelling of the server name. If it is right, ask whoever runs the DNS of that domain.',
  },
  DNS_FAILED: {
    happened: 'The name servers gave no usable answer for the server name.',
    todo: 'Try again in a few minutes. If it goes on, check the DNS of that domain and the name servers of this machine.',
  },
  DNS_TIMEOUT: {
    happened: 'The name servers did not answer in time.',
    todo: 'Try again in a few minutes. If it goes on, check the name servers of this machine.',
  },
  ADDRESS_NOT_ALLOWED: {
    happened: 'Mailroom does not connect to this address.',
    todo: 'Enter a server with a public address, or ask the operator of Mailroom to put this server on the list of allowed addresses.',
  },
  CONNECT_REFUSED: {
    happened: 'The server refused the connection on this port.',
    todo: 'Check the port: 587 for SMTP with STARTTLS, 465 for SMTPS, 25 between servers. If it is right, check that the mail service is running.',
  },
  CONNECT_TIMEOUT: {
    happened: 'The server did not answer on this port in time.',
    todo: 'Check the server name and the port. A firewall on either side often blocks port 25 or 587.',
  },
  CONNECT_FAILED: {
    happened: 'No connection to the server came about.',
    todo: 'Check that the server can be reached from this network, and whether a proxy is needed.',
  },
  CONNECT_ABORTED: { happened: 'The connection was broken off.', todo: 'Start the test again.' },
  PROXY_UNREACHABLE: {
    happened: 'The proxy could not be reached.',
    todo: 'Check the address and the port of the proxy, and that it is running.',
  },
  PROXY_REFUSED: {
    happened: 'The proxy refused to connect to the mail server.',
    todo: 'Ask whoever runs the proxy to allow this server and port; many proxies allow port 443 only. Check also that its kind, HTTP or SOCKS5, is right.',
  },
  PROXY_AUTH_REFUSED: {
    happened: 'The proxy did not accept its user name and password.',
    todo: 'Enter the user name and password of the proxy again.',
  },
  PROXY_TARGET_UNREACHABLE: {
    happened: 'The proxy could not reach the mail server.',
    todo: 'Check the server name and the port. If they are right, ask whoever runs the proxy whether it may connect there.',
  },
};

const ownRemedies = {
  SETTINGS_NOT_OPENED: {
    happened: 'A stored secret of these settings cannot be opened.',
    todo: 'Enter the password or secret again. If other projects say so too, ask the operator of Mailroom whether its keys have changed.',
  },
  SENDER_NOT_ALLOWED: {
    happened: 'The sender of this mail is not among those that the project or its API key allows now.',
    todo: 'Add the address or its domain to the allowed senders in the mail settings, or let other senders be rewritten there; then resend the mail.',
  },
} as const satisfies Readonly<Record<string, Remedy>>;

const remedies: ReadonlyMap<string, Remedy> = new Map(
  Object.entries({
    ...ownRemedies,
    ...connectRemedies,
    ...smtpRemedies,
    ...oauthRemedies,
    ...httpRemedies,
    ...ewsRemedies,
    ...graphRemedies,
  }),
);

const unknownRemedy: Remedy = {
  happened: 'The server gave an answer that Mailroom does not know.',
  todo: "Read the server's words below.",
};

/** The remedy of a stable code; a code that is not in the table gets a general sentence. */
export function remedyFor(code: string): Remedy {
  return remedies.get(code) ?? unknownRemedy;
}
