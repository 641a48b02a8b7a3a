/** IMAP sessions by pod, as each has last said. */
export class SessionCount {
  readonly #byPod = new Map<string, number>();

  note(pod: string, sessions: number): void {
    this.#byPod.set(pod, sessions);
  }

  /**
   * Of all these pods; the others are gone, and their sessions with them. null while one of those that are `ready` has said
   * nothing yet: a new leader does not know, and must not tell that there are none.
   */
  total(pods: readonly string[], ready: readonly string[]): number | null {
    const there = new Set(pods);
    for (const pod of this.#byPod.keys()) if (!there.has(pod)) this.#byPod.delete(pod);
    if (!ready.every((pod) => this.#byPod.has(pod))) return null;
    return [...this.#byPod.values()].reduce((sum, sessions) => sum + sessions, 0);
  }
}
