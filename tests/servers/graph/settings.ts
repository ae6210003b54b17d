/** A token that the simulator accepts. */
export interface GraphToken {
  readonly clientId: string;
  /** The mailbox of who consented; null for an application's own token. */
  readonly mailbox: string | null;
  readonly scopes: readonly string[];
}

/** What Microsoft has not written down, and what a test wants to go wrong. */
export interface GraphSwitches {
  /** Whether the Message-ID of MIME is kept on the copy. */
  messageId: 'kept' | 'replaced';
  /** How long a sent mail is not to be found, and what is found meanwhile. */
  copyVisibleAfterMs: number;
  copyMeanwhile: 'hidden' | 'draft';
  /** How long a request is worked on before it takes effect, in ms. */
  serviceMs: () => number;
  /** Microsoft's page exists in two versions: per client ID and mailbox, or per client ID alone. */
  throttleBy: 'mailbox' | 'client';
  /** Seconds that a 429 of the simulator's own making asks for. */
  retryAfterSeconds: number;
  /** Whether 202 carries a Retry-After all the same. */
  acceptedRetryAfter: string | null;
  readonly faults: GraphFault[];
}

/** One answer that is not what it should be; used once, for the first request that it fits. */
export interface GraphFault {
  readonly when: (request: { readonly method: string; readonly path: string }) => boolean;
  /** Whether the request takes effect before. */
  readonly after: boolean;
  readonly does:
    | { readonly kind: 'drop' }
    | { readonly kind: 'hang' }
    | {
        readonly kind: 'answer';
        readonly status: number;
        readonly code?: string;
        readonly innerCode?: string;
        readonly headers?: Readonly<Record<string, string>>;
        readonly html?: boolean;
      };
}

/** Published limits, in one place [Microsoft Graph service-specific throttling limits; Create message]. */
export const limits = {
  concurrentRequests: 4,
  requests: { count: 10_000, withinMs: 600_000 },
  uploadedBytes: { count: 150_000_000, withinMs: 300_000 },
  requestBytes: 4_000_000,
  attachmentBytes: 150_000_000,
  /** Below this an attachment fits one request. */
  uploadFromBytes: 2_900_000,
  ownHeaders: 5,
} as const;

export function defaultSwitches(): GraphSwitches {
  return {
    messageId: 'kept',
    copyVisibleAfterMs: 0,
    copyMeanwhile: 'hidden',
    serviceMs: () => 0,
    throttleBy: 'mailbox',
    retryAfterSeconds: 1,
    acceptedRetryAfter: null,
    faults: [],
  };
}
