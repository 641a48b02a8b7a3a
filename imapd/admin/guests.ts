/**
 * Who has come in, as many as may be at a time. Known is who has shown that it belongs here; a stranger gives way to whoever comes
 * after it, so that strangers who hold every place keep nobody out.
 */
export class Guests<T> {
  readonly #most: number;
  /** In the order of their coming. */
  readonly #strangers = new Set<T>();
  readonly #known = new Set<T>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Nobody would give way. */
  get isFull(): boolean {
    return this.#known.size >= this.#most;
  }

  /** @returns who has to leave for it; null: nobody */
  take(guest: T): T | null {
    const [oldest] = this.#strangers;
    const leaves = oldest !== undefined && this.#strangers.size + this.#known.size >= this.#most ? oldest : null;
    if (leaves !== null) this.leave(leaves);
    this.#strangers.add(guest);
    return leaves;
  }

  /** It may have left by now. */
  know(guest: T): void {
    if (this.#strangers.delete(guest)) this.#known.add(guest);
  }

  leave(guest: T): void {
    this.#strangers.delete(guest);
    this.#known.delete(guest);
  }
}
