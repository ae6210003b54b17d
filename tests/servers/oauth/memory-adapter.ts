import type { Adapter, AdapterPayload } from 'oidc-provider';

/** What one issuer remembers, by model and id. */
export class IssuerMemory {
  readonly #rows = new Map<string, AdapterPayload>();
  /** Microsoft does not end a refresh token by its use (Refresh tokens in the Microsoft identity platform). */
  keepsUsedRefreshTokens = false;

  /** The class of storage that oidc-provider asks for, by the name of a model. */
  adapter(name: string): Adapter {
    const key = (id: string): string => `${name}:${id}`;
    const find = (matches: (payload: AdapterPayload) => boolean): AdapterPayload | undefined =>
      [...this.#rows]
        .filter(([id]) => id.startsWith(`${name}:`))
        .map(([, payload]) => payload)
        .find(matches);
    return {
      upsert: (id, payload) => {
        this.#rows.set(key(id), payload);
        return Promise.resolve();
      },
      find: (id) => Promise.resolve(this.#rows.get(key(id))),
      findByUid: (uid) => Promise.resolve(find((payload) => payload.uid === uid)),
      findByUserCode: (userCode) => Promise.resolve(find((payload) => payload.userCode === userCode)),
      consume: (id) => {
        const payload = this.#rows.get(key(id));
        const isKept = name === 'RefreshToken' && this.keepsUsedRefreshTokens;
        if (payload !== undefined && !isKept) payload.consumed = Math.floor(Date.now() / 1_000);
        return Promise.resolve();
      },
      destroy: (id) => {
        this.#rows.delete(key(id));
        return Promise.resolve();
      },
      revokeByGrantId: (grantId) => {
        for (const [id, payload] of this.#rows) if (payload.grantId === grantId) this.#rows.delete(id);
        return Promise.resolve();
      },
    };
  }
}
