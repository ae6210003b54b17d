import { domainOf, normalAddress } from './mailbox.ts';

/** Which From addresses a project and a key allow (PRODUCT 2.17). */
export interface SenderRules {
  /** The configured sender; null while the project has no settings. */
  readonly configured: string | null;
  /** Addresses, domains and *.domains beside it, as the settings have them. */
  readonly allowed: readonly string[];
  readonly others: 'refuse' | 'rewrite';
  /** What the key narrows it to; null leaves the project's. */
  readonly keyAllowed: readonly string[] | null;
}

export type SenderDecision = 'allowed' | 'rewrite' | 'refuse';

/**
 * Whether this From may stand. Without settings nobody can say yet, and mail is accepted all the same (4.4), so only
 * the key decides then.
 */
export function decideSender(rules: SenderRules, address: string): SenderDecision {
  const byProject =
    rules.configured === null ||
    isSame(rules.configured, address) ||
    rules.allowed.some((pattern) => matchesPattern(pattern, address));
  const byKey =
    rules.keyAllowed === null || rules.keyAllowed.some((pattern) => matchesPattern(pattern, address));
  if (byProject && byKey) return 'allowed';
  return rules.configured === null ? 'refuse' : rules.others;
}

/** Whether "someone@example.com", "example.com" or "*.example.com" covers the address. */
export function matchesPattern(pattern: string, address: string): boolean {
  if (pattern.includes('@')) return isSame(pattern, address);
  const domain = domainOf(address).toLowerCase();
  if (pattern.startsWith('*.')) return domain.endsWith(`.${asciiDomain(pattern.slice(2))}`);
  return domain === asciiDomain(pattern);
}

function isSame(one: string, other: string): boolean {
  return (normalAddress(one) ?? one).toLowerCase() === (normalAddress(other) ?? other).toLowerCase();
}

function asciiDomain(domain: string): string {
  const normal = normalAddress(`x@${domain}`);
  return normal === null ? domain.toLowerCase() : domainOf(normal);
}
