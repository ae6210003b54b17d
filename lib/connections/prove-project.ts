import { withTenant } from '#db/client.ts';
import type { Services } from '../context.ts';
import { DomainError } from '../errors.ts';
import { type ConnectionProof, proveConnection, type ProvableWays } from '../doctor/prove-connection.ts';
import { remedyFor } from '../doctor/remedies.ts';
import type { GraphSlots } from '../graph-slots/graph-slots.ts';
import { connectionFacts } from '../settings/connection-facts.ts';
import { openMailSettings } from '../settings/open-mail-settings.ts';
import { transportOptions } from '../settings/transport-options.ts';
import { transportSupplies } from '../settings/transport-supplies.ts';
import type { ProvedProject } from './record-proof.ts';

/**
 * Proves the saved connection of a project without sending: its primary and its alternate, with the tokens of its vault
 * and in its turn at the mailbox. Settings that cannot be opened are a proof too. Null where the signal ended it.
 */
export async function proveProject(
  services: Services,
  slots: GraphSlots,
  project: ProvedProject,
  signal: AbortSignal,
): Promise<ConnectionProof | null> {
  let ways: ProvableWays;
  try {
    ways = await waysOf(services, slots, project);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return notOpened(services.clock.now());
  }
  return proveConnection(ways, services.clock, signal);
}

async function waysOf(services: Services, slots: GraphSlots, project: ProvedProject): Promise<ProvableWays> {
  const { organizationId, id: projectId, settingsVersion: version } = project;
  const opened = await withTenant(services.database, { organizationId, userId: null }, (tx) =>
    openMailSettings(tx, services.keyring, { organizationId, projectId, version }),
  );
  const supplies = transportSupplies(services, slots, { organizationId, projectId }, opened);
  const { alternateHost } = connectionFacts(opened.document);
  return {
    primary: transportOptions(opened, services.settings, 'primary', supplies),
    alternate:
      alternateHost === null ? null : transportOptions(opened, services.settings, 'alternate', supplies),
  };
}

function notOpened(now: Date): ConnectionProof {
  const fault = { stage: 'authenticate', scope: 'sender', code: 'SETTINGS_NOT_OPENED', reply: null } as const;
  const failure = { fault, remedy: remedyFor(fault.code) };
  const primary = { ok: false, tookMs: 0, steps: [], failure, certificate: null, certificateDaysLeft: null };
  return { provedAt: now.toISOString(), ok: false, primary, alternate: null };
}
