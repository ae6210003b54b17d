/** A stable code put into words: one sentence of what happened, one or two of what to do. */
export interface Remedy {
  readonly happened: string;
  readonly todo: string;
}
