import { readFileSync, writeFileSync } from 'node:fs';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { z } from 'zod';

const rows = z.array(z.tuple([z.string(), z.custom<AdapterPayload>((row) => row instanceof Object)]));

/** What one issuer remembers, by model and id; in a file where its tokens are to outlive it. */
export class IssuerMemory {
  readonly #rows: Map<string, AdapterPayload>;
  readonly #file: string | null;
  /** Microsoft does not end a refresh token by its use (Refresh tokens in the Microsoft identity platform). */
  keepsUsedRefreshTokens = false;

  constructor(file: string | null = null) {
    this.#file = file;
    this.#rows = new Map(file === null ? [] : readRows(file));
  }

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
        return this.#keep();
      },
      find: (id) => Promise.resolve(this.#rows.get(key(id))),
      findByUid: (uid) => Promise.resolve(find((payload) => payload.uid === uid)),
      findByUserCode: (userCode) => Promise.resolve(find((payload) => payload.userCode === userCode)),
      consume: (id) => {
        const payload = this.#rows.get(key(id));
        const isKept = name === 'RefreshToken' && this.keepsUsedRefreshTokens;
        if (payload !== undefined && !isKept) payload.consumed = Math.floor(Date.now() / 1_000);
        return this.#keep();
      },
      destroy: (id) => {
        this.#rows.delete(key(id));
        return this.#keep();
      },
      revokeByGrantId: (grantId) => {
        for (const [id, payload] of this.#rows) if (payload.grantId === grantId) this.#rows.delete(id);
        return this.#keep();
      },
    };
  }

  #keep(): Promise<void> {
    if (this.#file !== null) {
      const nowSeconds = Date.now() / 1_000;
      for (const [id, { exp = Infinity }] of this.#rows) if (exp < nowSeconds) this.#rows.delete(id);
      writeFileSync(this.#file, JSON.stringify([...this.#rows]), { mode: 0o600 });
    }
    return Promise.resolve();
  }
}

function readRows(file: string): z.infer<typeof rows> {
  try {
    return rows.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return [];
  }
}
