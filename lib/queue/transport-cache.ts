import { asWorker } from '#db/client.ts';
import type { Services } from '#lib/context.ts';
import { createGraphSlots, type GraphSlots } from '#lib/graph-slots/graph-slots.ts';
import type { Endpoint } from '#lib/policy/failover.ts';
import { connectionFacts } from '#lib/settings/connection-facts.ts';
import { openMailSettings } from '#lib/settings/open-mail-settings.ts';
import type { MailSettingsDocument } from '#lib/settings/schemas.ts';
import { transportOptions } from '#lib/settings/transport-options.ts';
import { transportSupplies } from '#lib/settings/transport-supplies.ts';
import { buildTransport, type TransportOptions } from '#lib/transports/build-transport.ts';
import type { Transport } from '#lib/transports/contract.ts';

/** One version of a project's settings, opened, with its warm connections. */
export interface OpenTransport {
  readonly version: number;
  readonly endpoint: Endpoint;
  readonly document: MailSettingsDocument;
  readonly transport: Transport;
  /** Whether the server has answered about a mail: until then only one connection is tried. */
  isProved: boolean;
}

export interface TransportKey {
  readonly organizationId: string;
  readonly projectId: string;
  readonly version: number;
  readonly endpoint: Endpoint;
}

interface CachedTransport {
  readonly version: number;
  readonly endpoint: Endpoint;
  readonly opened: Promise<OpenTransport>;
  usedMs: number;
}

const unusedMs = 5 * 60_000;

/**
 * Transports of a worker, one per project: they survive from wake to wake with their connections, and are closed
 * when a newer version or the other server takes their place, or when nobody used them for five minutes.
 */
export class TransportCache {
  readonly #services: Services;
  readonly #build: (options: TransportOptions) => Transport;
  readonly #slots: GraphSlots;
  readonly #open = new Map<string, CachedTransport>();
  readonly #closing = new Set<Promise<void>>();

  constructor(services: Services, build: (options: TransportOptions) => Transport = buildTransport) {
    this.#services = services;
    this.#build = build;
    this.#slots = createGraphSlots(services.database);
  }

  /** Throws what `openMailSettings` throws: a secret that cannot be opened sends nothing. */
  get(key: TransportKey): Promise<OpenTransport> {
    const cached = this.#open.get(key.projectId);
    if (cached !== undefined && cached.version === key.version && cached.endpoint === key.endpoint) {
      cached.usedMs = this.#services.clock.monotonicMs();
      return cached.opened;
    }
    if (cached !== undefined) this.#close(cached);
    const opened = this.#make(key);
    this.#open.set(key.projectId, {
      version: key.version,
      endpoint: key.endpoint,
      opened,
      usedMs: this.#services.clock.monotonicMs(),
    });
    opened.catch(() => this.#open.delete(key.projectId));
    return opened;
  }

  /** Closes the connections of a project, so that others may open some; its next mail opens them anew. */
  async closeProject(projectId: string): Promise<void> {
    const cached = this.#open.get(projectId);
    if (cached === undefined) return;
    this.#open.delete(projectId);
    this.#close(cached);
    await Promise.all(this.#closing);
  }

  /** Closes what nobody used for a while: secrets do not stay in memory for ever. */
  closeUnused(): void {
    const oldestMs = this.#services.clock.monotonicMs() - unusedMs;
    for (const [projectId, cached] of this.#open) {
      if (cached.usedMs >= oldestMs) continue;
      this.#open.delete(projectId);
      this.#close(cached);
    }
  }

  async close(): Promise<void> {
    for (const cached of this.#open.values()) this.#close(cached);
    this.#open.clear();
    await Promise.all(this.#closing);
    await this.#slots.settled();
  }

  async #make({ organizationId, projectId, version, endpoint }: TransportKey): Promise<OpenTransport> {
    const { database, keyring, settings } = this.#services;
    const opened = await asWorker(database, (tx) =>
      openMailSettings(tx, keyring, { organizationId, projectId, version }),
    );
    const hasAlternate = connectionFacts(opened.document).alternateHost !== null;
    const used = endpoint === 'alternate' && hasAlternate ? 'alternate' : 'primary';
    const owner = { organizationId, projectId };
    const supplies = transportSupplies(this.#services, this.#slots, owner, opened);
    const options = transportOptions(opened, settings, used, supplies);
    const transport = this.#build(options);
    return { version, endpoint: used, document: opened.document, transport, isProved: false };
  }

  #close(cached: CachedTransport): void {
    const closing = cached.opened.then(
      ({ transport }) => transport.close(),
      () => undefined,
    );
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
  }
}
