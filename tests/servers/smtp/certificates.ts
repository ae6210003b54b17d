import { generate } from 'selfsigned';

export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateRequest {
  /** DNS names and addresses that the certificate is for. */
  readonly names: readonly string[];
  readonly validFrom?: Date;
  readonly validTo?: Date;
  /** Signs itself when absent. */
  readonly authority?: TestCertificate;
}

/** An authority that a test can give as custom CA. */
export async function makeAuthority(
  given: { readonly name?: string; readonly validTo?: Date } = {},
): Promise<TestCertificate> {
  const made = await generate([{ name: 'commonName', value: given.name ?? 'Mailroom test authority' }], {
    ...(given.validTo === undefined ? {} : { notAfterDate: given.validTo }),
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { cert: made.cert, key: made.private };
}

export async function makeCertificate(request: CertificateRequest): Promise<TestCertificate> {
  const [commonName = 'localhost'] = request.names;
  const made = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ...(request.validFrom === undefined ? {} : { notBeforeDate: request.validFrom }),
    ...(request.validTo === undefined ? {} : { notAfterDate: request.validTo }),
    ...(request.authority === undefined ? {} : { ca: request.authority }),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: request.names.map((name) =>
          /^[\d.]+$|:/.test(name) ? { type: 7 as const, ip: name } : { type: 2 as const, value: name },
        ),
      },
    ],
  });
  return { cert: made.cert, key: made.private };
}
