import { createPrivateKey, X509Certificate } from 'node:crypto';
import { invalidField } from '../errors.ts';
import type { MailSettingsInput } from './schemas.ts';

/**
 * Throws `invalid_input` unless every certificate of the custom CA and of the sign-in can be read, and a typed private
 * key is the one of its certificate. Needs Node, so not in the schema.
 */
export function checkCertificates({ connection }: MailSettingsInput): void {
  readEach(connection.customCa ?? '', 'connection.customCa', 'the custom CA');
  const { authentication } = connection;
  if (authentication.kind !== 'oauth' || authentication.credential.kind !== 'certificate') return;
  const { certificate, privateKey } = authentication.credential;
  const field = 'connection.authentication.credential';
  const [first] = readEach(certificate, `${field}.certificate`, 'the sign-in');
  if (privateKey.kind !== 'set' || first === undefined) return;
  if (!isKeyOf(first, privateKey.value)) {
    throw invalidField(
      `${field}.privateKey`,
      'This is not the private key of the certificate, in PEM form without a password.',
    );
  }
}

function readEach(pem: string, field: string, what: string): X509Certificate[] {
  const certificates = pem.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];
  return certificates.map((each, index) => {
    const certificate = read(each);
    if (certificate !== null) return certificate;
    throw invalidField(field, `Certificate ${index + 1} of ${what} cannot be read.`);
  });
}

function read(pem: string): X509Certificate | null {
  try {
    const certificate = new X509Certificate(pem);
    return certificate.serialNumber === '' ? null : certificate;
  } catch {
    return null;
  }
}

function isKeyOf(certificate: X509Certificate, pem: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(pem));
  } catch {
    return false;
  }
}
