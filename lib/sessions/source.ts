/** Where a request came from. */
export interface Source {
  readonly ip: string | null;
  readonly userAgent: string | null;
}
