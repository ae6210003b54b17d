import { defaultPort } from '#lib/settings/presets.ts';
import type { SettingsForm } from './form-values.ts';

export type PortBasis = Pick<SettingsForm, 'connection.protocol' | 'connection.tlsPolicy'>;

/** The port that goes with protocol and TLS policy (PRODUCT 2.4). */
export function usualPort(basis: PortBasis): string {
  return String(
    defaultPort({ protocol: basis['connection.protocol'], tlsPolicy: basis['connection.tlsPolicy'] }),
  );
}

/** "SMTP with TLS", the words that go with the usual port. */
export function usualPortWords(basis: PortBasis): string {
  if (basis['connection.protocol'] === 'smtps') return 'SMTPS';
  return basis['connection.tlsPolicy'] === 'none' ? 'SMTP without TLS' : 'SMTP with TLS';
}

/** Whether somebody chose this port rather than took what is usual. */
export function isOwnPort(form: SettingsForm): boolean {
  const port = form['connection.port'].trim();
  return port !== '' && port !== usualPort(form);
}
