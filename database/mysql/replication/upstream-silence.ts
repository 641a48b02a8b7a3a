/**
 * How long an upstream has said nothing. Servers count what they hear and do not say when; so it is noted here when
 * the count was seen to change.
 */
export class UpstreamSilence {
  #heard: string | null = null;
  #at = 0;

  /**
   * @param heard another text after each message
   * @param now milliseconds of a clock that only goes forward
   * @returns milliseconds since the last message, as far as it was looked
   */
  note(heard: string, now: number): number {
    if (heard !== this.#heard) {
      this.#heard = heard;
      this.#at = now;
    }
    return now - this.#at;
  }

  /** Nothing is received: when it is again, counting begins anew. */
  forget(): void {
    this.#heard = null;
  }
}
