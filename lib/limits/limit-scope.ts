import { z } from 'zod';
import { DomainError } from '../errors.ts';

export const protocols = ['smtp', 'ews', 'graph'] as const;
export type Protocol = (typeof protocols)[number];

export const protocolLabels: Readonly<Record<Protocol, string>> = {
  smtp: 'SMTP',
  ews: 'EWS',
  graph: 'Graph',
};

/** How the global settings name the pair of a protocol (PRODUCT 5.1). */
export function limitKeys(protocol: Protocol): { readonly day: string; readonly recipients: string } {
  const name = protocol.toUpperCase();
  return { day: `MAIL_LIMIT_PER_DAY_${name}`, recipients: `RECIPIENTS_LIMIT_PER_MAIL_${name}` };
}

/** What a limit counts over, as verbs and addresses name it: a protocol, or "project:" and an id or short name. */
export const scopeReference = z.string().regex(/^(?:smtp|ews|graph|project:[a-z0-9-]{1,64})$/i);

export type ScopeReference =
  | { readonly kind: 'protocol'; readonly protocol: Protocol }
  | { readonly kind: 'project'; readonly project: string };

export function readScopeReference(text: string): ScopeReference {
  const protocol = protocols.find((known) => known === text);
  if (protocol !== undefined) return { kind: 'protocol', protocol };
  const [, project] = /^project:(.+)$/.exec(text) ?? [];
  if (project === undefined) throw new DomainError('not_found', 'There is no such limit.');
  return { kind: 'project', project };
}
