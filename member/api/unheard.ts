/**
 * Reports that were sent and not confirmed yet. A confirmation proves that its reader was there *after the report was
 * sent*, and no more: an agent that was held up may find old confirmations in its socket, and must not take them for new.
 */
export class Unheard {
  /** By number, in the order of sending. */
  readonly #sentAt = new Map<number, number>();

  sent(sequence: number, at: number): void {
    this.#sentAt.set(sequence, at);
  }

  /** @returns when that report was sent; null where none such waits */
  heard(sequence: number): number | null {
    const at = this.#sentAt.get(sequence);
    if (at === undefined) return null;
    for (const earlier of this.#sentAt.keys()) {
      this.#sentAt.delete(earlier);
      // Confirmations come in the order of the reports.
      if (earlier === sequence) break;
    }
    return at;
  }

  /** For how long the oldest report has waited; 0 where none waits. */
  silentMs(now: number): number {
    const [oldest = now] = this.#sentAt.values();
    return now - oldest;
  }
}
