export interface ClaimPlace {
  readonly dueKey: string;
  readonly messageId: string;
}

const firstPlace: ClaimPlace = { dueKey: '-infinity', messageId: '00000000-0000-0000-0000-000000000000' };

/** How far the claim has come in each priority of one project, so that it never walks over dead rows again. */
export class ClaimCursor {
  readonly #places = new Map<number, ClaimPlace>();
  #looksBack = false;

  get isAtStart(): boolean {
    return this.#places.size === 0;
  }

  /** Goes back to the most urgent mail. */
  reset(): void {
    this.#places.clear();
    this.#looksBack = false;
  }

  /** The next claim looks again at what became due lately: a mail may be seen later than one that is due after it. */
  lookBack(): void {
    this.#looksBack = true;
  }

  /** Whether this claim is to look back; asked once for each. */
  takeLookBack(): boolean {
    const looksBack = this.#looksBack;
    this.#looksBack = false;
    return looksBack;
  }

  advance({ priority, ...place }: ClaimPlace & { readonly priority: number }): void {
    this.#places.set(priority, place);
  }

  place(priority: number): ClaimPlace {
    return this.#places.get(priority) ?? firstPlace;
  }
}
