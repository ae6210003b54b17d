import { X509Certificate } from 'node:crypto';
import type { MailSettingsDocument } from '../settings/schemas.ts';

/** What of a connection has an end that is known. */
export interface CredentialEnd {
  readonly kind: 'client_secret' | 'certificate' | 'token';
  readonly endsAt: Date;
}

/** So many days ahead an end is announced (PRODUCT 2.19). */
export const announcedDays = [60, 30, 7, 1] as const;

const dayMs = 24 * 3_600_000;

/** The known ends of one connection: client secret, certificate, and the refresh token where its server tells. */
export function credentialEnds(
  { connection }: MailSettingsDocument,
  refreshExpiresAt: Date | null,
): CredentialEnd[] {
  const { authentication } = connection;
  if (authentication.kind !== 'oauth') return [];
  const { credential } = authentication;
  const ends: CredentialEnd[] = [];
  if (credential.kind === 'secret' && credential.expiresOn !== null) {
    ends.push({ kind: 'client_secret', endsAt: new Date(`${credential.expiresOn}T00:00:00Z`) });
  }
  if (credential.kind === 'certificate') {
    ends.push({ kind: 'certificate', endsAt: new X509Certificate(credential.certificate).validToDate });
  }
  if (refreshExpiresAt !== null) ends.push({ kind: 'token', endsAt: refreshExpiresAt });
  return ends;
}

/** Whole days that are left; 0 on the last day, less than 0 past the end. */
export function daysLeft(endsAt: Date, now: Date): number {
  return Math.floor((endsAt.getTime() - now.getTime()) / dayMs);
}

/** The smallest announcement that is due now; null while the end is far, or past. */
export function dueAnnouncement(endsAt: Date, now: Date): number | null {
  const left = (endsAt.getTime() - now.getTime()) / dayMs;
  if (left <= 0) return null;
  return announcedDays.toReversed().find((days) => left <= days) ?? null;
}
