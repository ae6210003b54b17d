/** The values of a statement that is put together piece by piece. */
export class SqlValues {
  readonly list: unknown[] = [];

  /** The placeholder of one more value, with its type. */
  add(value: unknown, type: string): string {
    this.list.push(value);
    return `$${this.list.length}::${type}`;
  }
}
