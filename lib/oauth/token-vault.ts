import { setTimeout as pause } from 'node:timers/promises';
import { type Transaction, withTenant } from '#db/client.ts';
import type { Services } from '../context.ts';
import { DomainError } from '../errors.ts';
import type { OpenedMailSettings } from '../settings/open-mail-settings.ts';
import type { HttpDialogue } from '../transports/http/dialogue.ts';
import type { TokenAnswer, TokenSource } from '../transports/supplies.ts';
import {
  ensureGrant,
  giveTurnBack,
  type Grant,
  type GrantOwner,
  readGrant,
  takeRefreshTurn,
  type TokenLife,
} from './grant-store.ts';
import { type OauthSettings, oauthSettings } from './oauth-settings.ts';
import { refreshInTurn, turnSeconds } from './refresh-in-turn.ts';
import { oauthFaultCodes, refusal } from './token-codes.ts';

/** How much of a token's life must be left. Some servers give five minutes in all, so it is a part of that at most. */
type Margin = (lifeMs: number) => number;
const comfortably: Margin = (lifeMs) => Math.min(5 * 60_000, lifeMs / 2);
const atLeast: Margin = (lifeMs) => Math.min(60_000, lifeMs / 4);

const lookAgainMs = 150;

export interface VaultOwner {
  readonly organizationId: string;
  readonly projectId: string;
}

/** The tokens of opened settings, kept in the database for all processes; null where they sign in without tokens. */
export function createTokenSource(
  services: Services,
  owner: VaultOwner,
  opened: OpenedMailSettings,
): TokenSource | null {
  const settings = oauthSettings(opened, services.settings);
  return settings === null ? null : new TokenVault(services, owner, settings);
}

class TokenVault implements TokenSource {
  readonly #services: Services;
  readonly #settings: OauthSettings;
  readonly #owner: GrantOwner;
  #cached: (TokenLife & { readonly token: string }) | null = null;
  readonly #underWay = new Map<string | null, Promise<TokenAnswer>>();

  constructor(services: Services, owner: VaultOwner, settings: OauthSettings) {
    this.#services = services;
    this.#settings = settings;
    this.#owner = { ...owner, grantId: settings.grantId };
  }

  /** The connections of one transport that ask at once share one answer. */
  accessToken(
    refused: string | null,
    signal: AbortSignal,
    dialogue: HttpDialogue | null = null,
  ): Promise<TokenAnswer> {
    const cached = this.#cached;
    if (cached !== null && cached.token !== refused && this.#lasts(cached, comfortably)) {
      return Promise.resolve({ kind: 'token', token: cached.token });
    }
    const asked = this.#underWay.get(refused);
    if (asked !== undefined) return endedBy(asked, signal);
    // Whoever came first may leave; the others still want the answer, so no single signal ends it.
    const answer = this.#ask(refused, dialogue)
      .catch((error: unknown) => failedAnswer(error))
      .finally(() => this.#underWay.delete(refused));
    this.#underWay.set(refused, answer);
    return endedBy(answer, signal);
  }

  async #ask(refused: string | null, dialogue: HttpDialogue | null): Promise<TokenAnswer> {
    const deadline = this.#services.clock.monotonicMs() + turnSeconds * 1_000;
    if (this.#settings.access === 'app_only') await this.#run((tx) => ensureGrant(tx, this.#owner));
    for (;;) {
      const grant = await this.#run((tx) => readGrant(tx, this.#services.keyring, this.#owner));
      const known = this.#answerFrom(grant, refused, comfortably);
      if (known !== null) return known;
      const turn = await this.#run((tx) =>
        takeRefreshTurn(tx, this.#services.keyring, this.#owner, turnSeconds),
      );
      if (turn !== null) return this.#refresh(turn, refused, dialogue);
      // Another process is refreshing: what is still good serves meanwhile.
      const stillGood = this.#answerFrom(grant, refused, atLeast);
      if (stillGood !== null) return stillGood;
      if (this.#services.clock.monotonicMs() > deadline) return refusal('OAUTH_SERVER_BUSY', 'host');
      await pause(lookAgainMs);
    }
  }

  /** Null: the server must be asked. */
  #answerFrom(grant: Grant | null, refused: string | null, margin: Margin): TokenAnswer | null {
    if (grant === null || (grant.tokens === null && this.#settings.access === 'delegated')) {
      return refusal('OAUTH_CONSENT_MISSING', 'mailbox');
    }
    const { tokens, access } = grant;
    const isOther = tokens !== null && tokens.accessToken !== refused;
    if (isOther && access !== null && this.#lasts(access, margin)) {
      this.#cached = { token: tokens.accessToken, ...access };
      return { kind: 'token', token: tokens.accessToken };
    }
    return grant.freshFailure === null ? null : knownFailure(grant.freshFailure);
  }

  async #refresh(turn: Grant, refused: string | null, dialogue: HttpDialogue | null): Promise<TokenAnswer> {
    // Between our look and our turn another process may have finished.
    const done = this.#answerFrom(turn, refused, comfortably);
    if (done !== null) {
      await this.#run((tx) => giveTurnBack(tx, this.#owner, turn.refreshCount));
      return done;
    }
    const result = await refreshInTurn(this.#services, this.#owner, this.#settings, turn, dialogue);
    if (!result.ok) return result.refusal;
    const { tokens } = result;
    const lifeMs = tokens.expiresInSeconds * 1_000;
    this.#cached = {
      token: tokens.accessToken,
      endsMs: this.#services.clock.now().getTime() + lifeMs,
      lifeMs,
    };
    return { kind: 'token', token: tokens.accessToken };
  }

  #lasts({ endsMs, lifeMs }: TokenLife, margin: Margin): boolean {
    return endsMs - this.#services.clock.now().getTime() > margin(lifeMs);
  }

  #run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return withTenant(
      this.#services.database,
      { organizationId: this.#owner.organizationId, userId: null },
      work,
    );
  }
}

function knownFailure({ code, reply }: { code: string; reply: string | null }): TokenAnswer {
  const words = reply === null ? null : { code: null, enhancedCode: null, text: reply };
  const known = oauthFaultCodes.find((each) => each === code);
  if (known !== undefined) return refusal(known, 'mailbox', words);
  const fault = { stage: 'token', scope: 'host', code, reply: words } as const;
  return { kind: code === 'PROXY_AUTH_REFUSED' ? 'credentials' : 'unreachable', fault };
}

// The contract resolves always. A row that cannot be opened needs an operator; the database comes back by itself.
function failedAnswer(error: unknown): TokenAnswer {
  if (error instanceof DomainError) {
    const reply = { code: null, enhancedCode: null, text: error.message };
    return { kind: 'credentials', fault: { stage: 'token', scope: 'mailbox', code: 'OAUTH_REFUSED', reply } };
  }
  return refusal('OAUTH_UNREACHABLE', 'host');
}

function endedBy(answer: Promise<TokenAnswer>, signal: AbortSignal): Promise<TokenAnswer> {
  const left: TokenAnswer = refusal('OAUTH_UNREACHABLE', 'host');
  if (signal.aborted) return Promise.resolve(left);
  return new Promise((resolve) => {
    const leave = (): void => resolve(left);
    signal.addEventListener('abort', leave, { once: true });
    void answer.finally(() => signal.removeEventListener('abort', leave)).then(resolve);
  });
}
