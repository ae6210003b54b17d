import type { ServerResponse } from 'node:http';
import { fault, plain, refusal, type Answer, type MessageDetails } from './answers.ts';
import type { Operation } from './validate.ts';

/** What a switch makes of a request. `send` does to a mail what it would have done, then answers otherwise. */
export type Reaction =
  | {
      readonly kind: 'refusal';
      readonly code: string;
      readonly details?: MessageDetails;
      readonly send?: boolean;
    }
  | {
      readonly kind: 'fault';
      readonly code: string;
      readonly backOffMs?: number;
      readonly send?: boolean;
    }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      readonly send?: boolean;
    }
  /** The connection ends, or nothing ever comes, after the mail was taken or not. */
  | { readonly kind: 'reset' | 'stall'; readonly send?: boolean };

/** Answers as a switch wants it. */
export async function react(
  reaction: Reaction,
  operation: Operation,
  response: ServerResponse,
): Promise<void> {
  switch (reaction.kind) {
    case 'refusal':
      return write(response, refusal(operation, reaction.code, reaction.details));
    case 'fault': {
      const values =
        reaction.backOffMs === undefined ? {} : { BackOffMilliseconds: String(reaction.backOffMs) };
      return write(response, fault(reaction.code, `${reaction.code} happened.`, values));
    }
    case 'status':
      return write(response, plain(reaction.status, reaction.headers, reaction.body));
    case 'reset':
      response.destroy();
      return;
    case 'stall':
      await new Promise<void>((resolve) => {
        response.once('close', resolve);
      });
      return;
    default: {
      const never: never = reaction;
      return never;
    }
  }
}

export function write(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
  response.end(body);
}
