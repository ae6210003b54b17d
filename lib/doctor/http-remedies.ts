import type { HttpFaultCode } from '#lib/transports/http/faults.ts';
import type { Remedy } from './remedy.ts';

/** What went wrong on the way of a request over HTTPS: to Exchange, to Graph, to a token server. */
export const httpRemedies: Readonly<Record<HttpFaultCode, Remedy>> = {
  HTTP_TLS_NAME_MISMATCH: {
    happened: "The server's certificate is for another name.",
    todo: 'Enter the name that the certificate is for, or have the server use a certificate for this name.',
  },
  HTTP_TLS_UNTRUSTED: {
    happened: "Nobody whom Mailroom trusts has signed the server's certificate.",
    todo: "Paste your authority's certificate as custom CA. A server of a well-known provider with such a certificate is not what it seems: something in between reads along.",
  },
  HTTP_TLS_EXPIRED: {
    happened: "The server's certificate is not valid at this time.",
    todo: 'Have the certificate renewed, and check the clock of this machine.',
  },
  HTTP_TLS_FAILED: {
    happened: 'No secured connection came about.',
    todo: 'Check that the address and its port speak HTTPS with TLS 1.2 or newer.',
  },
  HTTP_TIMEOUT: {
    happened: 'The server took too long to answer.',
    todo: 'Try again. If it goes on, look for a firewall or proxy in between, and ask whoever runs the server.',
  },
  HTTP_CONNECTION_LOST: {
    happened: 'The connection ended before the answer was there.',
    todo: 'Try again. If it goes on, look for a firewall or proxy that ends connections.',
  },
  HTTP_PROTOCOL: {
    happened: 'What answered does not speak HTTP.',
    todo: 'Check the address and its port.',
  },
  HTTP_ANSWER_TOO_LARGE: {
    happened: 'The answer was much larger than a mail service gives.',
    todo: 'Check the address: something else seems to answer there.',
  },
  HTTP_CONTENT_UNREADABLE: {
    happened: 'The stored content of the mail could not be read as a whole.',
    todo: 'Try again. If it goes on, the operator of Mailroom should look at its database.',
  },
  HTTP_ABORTED: { happened: 'The request was broken off.', todo: 'Start the test again.' },
};
