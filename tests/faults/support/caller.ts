import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { paths } from '#lib/paths.ts';
import { createKey } from '#lib/keys/create-key.ts';
import type { Desk } from './desk.ts';
import type { Ground } from './ground.ts';

const acceptedAnswer = z.object({ id: z.string() });

/** A program that sends mail by the HTTP API, as a careful one does: each mail under a key, again until it is answered. */
export class Caller {
  readonly statuses = new Map<number | 'no answer', number>();
  readonly #origin: string;
  readonly #url: string;
  readonly #token: string;
  readonly #desk: Desk;

  private constructor(desk: Desk, origin: string, token: string) {
    this.#desk = desk;
    this.#origin = origin;
    this.#url = origin + paths.api.messages(desk.project.slug);
    this.#token = token;
  }

  static async open(ground: Ground, desk: Desk, port: number): Promise<Caller> {
    const { token } = await createKey(ground.ctx, {
      project: desk.project.slug,
      name: 'faults',
      scopes: ['send', 'read'],
    });
    return new Caller(desk, `http://127.0.0.1:${port}`, token);
  }

  /** Hands in one mail. Resolves when it was answered as accepted. */
  async send(key: string): Promise<void> {
    for (;;) {
      const answer = await this.#post(key);
      const told = answer === null ? 'no answer' : answer.status;
      this.statuses.set(told, (this.statuses.get(told) ?? 0) + 1);
      if (answer?.status === 202) {
        this.#desk.accepted.push(answer.id);
        return;
      }
      if (answer !== null && answer.status < 500) throw new Error(`${key} was answered ${answer.status}`);
      await pause(100);
    }
  }

  /** The status of a reading call. */
  async get(path: string): Promise<number> {
    const response = await fetch(this.#origin + path, {
      headers: { authorization: `Bearer ${this.#token}` },
    });
    return response.status;
  }

  /** The status of a writing call with a mail as its body. */
  async post(path: string): Promise<number> {
    const response = await fetch(this.#origin + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ to: 'reader@example.test', subject: 'x', text: 'x' }),
    });
    return response.status;
  }

  async #post(key: string): Promise<{ status: number; id: string } | null> {
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.#token}`,
          'content-type': 'application/json',
          'idempotency-key': key,
        },
        body: JSON.stringify({
          to: 'reader@example.test',
          subject: `Notice ${key}`,
          text: 'Hello',
          category: 'faults',
        }),
        signal: AbortSignal.timeout(15_000),
      });
      const body: unknown = await response.json().catch(() => null);
      const accepted = acceptedAnswer.safeParse(body);
      return { status: response.status, id: accepted.success ? accepted.data.id : '' };
    } catch {
      return null;
    }
  }

  /** How often each status was answered, in words. */
  summary(): string {
    return [...this.statuses].map(([status, count]) => `${status}: ${count}`).join(', ');
  }
}
