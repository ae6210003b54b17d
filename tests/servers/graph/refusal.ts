/** An answer of the simulator that is a refusal, as Graph words them. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly innerCode: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { readonly innerCode?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
    this.innerCode = more.innerCode ?? null;
    this.headers = more.headers ?? {};
  }
}

/** For requests outside the published schema: nothing of Mailroom may ever see it. */
export function unpublished(message: string): Refusal {
  return new Refusal(400, 'RequestOutsideSchema', message);
}
