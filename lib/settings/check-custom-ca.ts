import { X509Certificate } from 'node:crypto';
import { invalidField } from '../errors.ts';
import type { MailSettingsInput } from './schemas.ts';

/** Throws `invalid_input` unless every certificate of the custom CA can be read. Needs Node, so not in the schema. */
export function checkCustomCa({ connection }: MailSettingsInput): void {
  const certificates = connection.customCa?.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];
  for (const [index, pem] of certificates.entries()) {
    if (canBeRead(pem)) continue;
    throw invalidField('connection.customCa', `Certificate ${index + 1} of the custom CA cannot be read.`);
  }
}

function canBeRead(pem: string): boolean {
  try {
    return new X509Certificate(pem).serialNumber !== '';
  } catch {
    return false;
  }
}
