import { hash } from 'node:crypto';
import type { Context } from '../context.ts';
import { tenantScope } from '../context.ts';
import { withTenant } from '#db/client.ts';
import { decideFlood, type FloodMail, type FloodShape, shapesOf, surgeShape } from '../policy/flood.ts';
import { FloodCounter } from './flood-counter.ts';
import { type FloodRules, loadFloodRules, readBusiestHour } from './load-flood-rules.ts';
import { exchangeCounts } from './exchange-counts.ts';

/** Why a mail is held as part of a flood; kept with the mail, so that a person can let its shape through. */
export interface FloodHold {
  readonly rule: FloodShape['rule'];
  readonly shape: string;
  readonly label: string;
  /** Mails of this shape within the hour, this one included. */
  readonly seen: number;
  readonly threshold: number;
}

/** What one mail was counted as; given back when it turns out not to be stored. */
export interface FloodVerdict {
  readonly hold: FloodHold | null;
  readonly shapes: readonly string[];
}

const rulesKeptMs = 5_000;
const busiestKeptMs = 600_000;
const exchangeEveryMs = 1_000;
const mostShapes = 20_000;

/**
 * Counts the shapes of one project's mails in this process, and exchanges them with Postgres about once a second, so
 * that accepting pays for no statement and all portals still know of each other.
 */
export class ProjectWatch {
  readonly #projectId: string;
  readonly #counters = new Map<string, FloodCounter>();
  #rules: FloodRules | null = null;
  #rulesAtMs = -Infinity;
  #busiestHour: number | null = null;
  #busiestAtMs = -Infinity;
  #loading: Promise<FloodRules> | null = null;
  #isExchangeDue = false;

  constructor(projectId: string) {
    this.#projectId = projectId;
  }

  /** Rules have changed: the next mail reads them anew. */
  forgetRules(): void {
    this.#rulesAtMs = -Infinity;
    this.#rules = null;
  }

  async judge(ctx: Context, mails: readonly FloodMail[]): Promise<readonly FloodVerdict[]> {
    const rules = await this.#freshRules(ctx);
    if (!rules.thresholds.isOn) return mails.map(() => ({ hold: null, shapes: [] }));
    const nowMs = ctx.clock.now().getTime();
    const verdicts = mails.map((mail) => this.#judgeOne(rules, mail, nowMs));
    this.#exchangeSoon(ctx);
    return verdicts;
  }

  /** The mail was not stored after all: a replay, a refusal. */
  takeBack(ctx: Context, verdict: FloodVerdict): void {
    for (const shape of verdict.shapes) this.#counters.get(shape)?.add(-1, ctx.clock.now().getTime());
  }

  #judgeOne(rules: FloodRules, mail: FloodMail, nowMs: number): FloodVerdict {
    const counted = [...shapesOf(mail), surgeShape].map((shape) => ({ shape, id: shapeId(shape) }));
    const seen = counted.map(({ shape, id }) => {
      const counter = this.#counter(id, nowMs);
      counter.add(1, nowMs);
      const until = rules.allowedUntilMs.get(id);
      const isAllowed = until === null || (until !== undefined && until > nowMs);
      return { shape, mails: counter.seen(nowMs), isAllowed };
    });
    const decision = decideFlood({ thresholds: rules.thresholds, seen, busiestHour: this.#busiestHour });
    const shapes = counted.map(({ id }) => id);
    if (decision.kind === 'pass') return { hold: null, shapes };
    const { shape, threshold } = decision;
    return {
      hold: { rule: shape.rule, shape: shapeId(shape), label: shape.label, seen: decision.seen, threshold },
      shapes,
    };
  }

  #counter(id: string, nowMs: number): FloodCounter {
    const known = this.#counters.get(id);
    if (known !== undefined) return known;
    if (this.#counters.size >= mostShapes) this.#forgetOldest();
    const counter = new FloodCounter(nowMs);
    this.#counters.set(id, counter);
    return counter;
  }

  // Insertion order: what repeats is soon there again.
  #forgetOldest(): void {
    let left = mostShapes / 2;
    for (const id of this.#counters.keys()) {
      if (left === 0) return;
      if (id !== shapeId(surgeShape)) this.#counters.delete(id);
      left -= 1;
    }
  }

  async #freshRules(ctx: Context): Promise<FloodRules> {
    const nowMs = ctx.clock.monotonicMs();
    if (this.#rules !== null && nowMs - this.#rulesAtMs < rulesKeptMs) return this.#rules;
    this.#loading ??= this.#load(ctx).finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #load(ctx: Context): Promise<FloodRules> {
    const nowMs = ctx.clock.monotonicMs();
    const wantsBusiest = nowMs - this.#busiestAtMs >= busiestKeptMs;
    const rules = await withTenant(ctx.database, tenantScope(ctx), async (tx) => {
      if (wantsBusiest) this.#busiestHour = await readBusiestHour(tx, this.#projectId);
      return loadFloodRules(tx, ctx.organizationId, this.#projectId);
    });
    if (wantsBusiest) this.#busiestAtMs = nowMs;
    this.#rules = rules;
    this.#rulesAtMs = nowMs;
    return rules;
  }

  #exchangeSoon(ctx: Context): void {
    if (this.#isExchangeDue) return;
    this.#isExchangeDue = true;
    setTimeout(() => {
      this.#isExchangeDue = false;
      // A program that handed in its mails and has closed the database counts no more.
      if (ctx.database.pool.ending) return;
      exchangeCounts(ctx, this.#projectId, this.#counters).catch((error: unknown) =>
        ctx.log.warn({ err: error, projectId: this.#projectId }, 'flood counts were not exchanged'),
      );
    }, exchangeEveryMs).unref();
  }
}

/** What stands for a shape in tables: the rule, and a hash of what it is made of. */
function shapeId({ rule, key }: FloodShape): string {
  return rule === 'surge' ? rule : `${rule}:${hash('sha256', key, 'hex').slice(0, 32)}`;
}
