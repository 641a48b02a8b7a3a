import type { Farewell } from './farewell.ts';

/** Asks one session to end. Much lighter than a signal, of which each of many thousand idle sessions would hold one. */
export class StopRequest {
  #farewell: Farewell | null = null;
  #listener: (() => void) | null = null;

  /** How it is asked to end; null while it is not. */
  get farewell(): Farewell | null {
    return this.#farewell;
  }

  /** Only the first time counts. */
  ask(farewell: Farewell): void {
    if (this.#farewell !== null) return;
    this.#farewell = farewell;
    this.#listener?.();
  }

  /** Whom to tell, in place of the one before. Who comes too late looks at `farewell`. Returns what ends it. */
  listen(listener: () => void): () => void {
    this.#listener = listener;
    return () => {
      // Somebody else may be told by now.
      if (this.#listener === listener) this.#listener = null;
    };
  }
}
