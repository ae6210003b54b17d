import { matchesEntry } from '../policy/sending-mode.ts';
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
    matchesPattern(rules.configured, address) ||
    rules.allowed.some((pattern) => matchesPattern(pattern, address));
  const byKey =
    rules.keyAllowed === null || rules.keyAllowed.some((pattern) => matchesPattern(pattern, address));
  if (byProject && byKey) return 'allowed';
  return rules.configured === null ? 'refuse' : rules.others;
}

/** Whether "someone@example.com", "example.com" or "*.example.com" covers the address, whose domain is in A-labels. */
export function matchesPattern(pattern: string, address: string): boolean {
  return matchesEntry(asciiPattern(pattern), address);
}

function asciiPattern(pattern: string): string {
  if (pattern.includes('@')) return normalAddress(pattern) ?? pattern;
  const prefix = pattern.startsWith('*.') ? '*.' : '';
  const normal = normalAddress(`x@${pattern.slice(prefix.length)}`);
  return normal === null ? pattern : prefix + domainOf(normal);
}
