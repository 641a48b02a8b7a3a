import { type RunningProcess, signalAll } from './process-tree.ts';

/** Stops processes for a while (`kill -STOP`), and knows which: a stopped one that is forgotten outlives its parents. */
export class Freezer {
  readonly #frozen = new Set<readonly RunningProcess[]>();
  #closed = false;

  /** Gives back how to let them go. */
  freeze(processes: readonly RunningProcess[]): () => void {
    // A scene that is abandoned may still be on its way to here.
    if (this.#closed) return () => undefined;
    this.#frozen.add(processes);
    signalAll(processes, 'SIGSTOP');
    return () => this.#thaw(processes);
  }

  /** Lets all go, and freezes nothing any more. */
  close(): void {
    this.#closed = true;
    for (const processes of this.#frozen) this.#thaw(processes);
  }

  /** Once only: later their numbers may be somebody else's. */
  #thaw(processes: readonly RunningProcess[]): void {
    if (this.#frozen.delete(processes)) signalAll(processes, 'SIGCONT');
  }
}
