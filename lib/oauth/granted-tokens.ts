import { z } from 'zod';

/** What an authorization server gave. */
export interface GrantedTokens {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
  /** Null: none was given, so the one before stays (Google does not rotate). */
  readonly refreshToken: string | null;
  /** Null where the server does not say. */
  readonly refreshExpiresInSeconds: number | null;
  readonly scope: string | null;
  /** The names of the account as the server vouches for them, in lower case; empty where it names none. */
  readonly accounts: readonly string[];
}

const seconds = z.coerce.number().int().positive();

/** RFC 6749 5.1, with the two names under which servers tell when a refresh token ends. */
const tokenResponse = z.object({
  access_token: z.string().min(1).max(16_384),
  expires_in: seconds.optional(),
  refresh_token: z.string().min(1).max(16_384).optional(),
  refresh_token_expires_in: seconds.optional(),
  refresh_expires_in: seconds.optional(),
  scope: z.string().max(4_000).optional(),
});

/** A server that does not say how long gets the careful half hour. */
const usualSeconds = 1_800;

/** Reads a successful token response; null where it is none. */
export function readTokens(body: string, accounts: readonly string[]): GrantedTokens | null {
  const parsed = tokenResponse.safeParse(jsonOf(body));
  if (!parsed.success) return null;
  const given = parsed.data;
  return {
    accessToken: given.access_token,
    expiresInSeconds: given.expires_in ?? usualSeconds,
    refreshToken: given.refresh_token ?? null,
    refreshExpiresInSeconds: given.refresh_token_expires_in ?? given.refresh_expires_in ?? null,
    scope: given.scope ?? null,
    accounts: accounts.map((account) => account.toLowerCase()),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
