/** What a running command may read from its client, after it has asked with `+ `. */
export interface ClientInput {
  /** Writes `+ text` and waits for the next line, without its CRLF. See `readLine`. */
  ask(text: string): Promise<Buffer | null>;
  /**
   * The next line, without its CRLF. null when the session ends: the client is gone or silent for too long, its line is
   * too long, or the server stops; the session itself says BYE, the command just returns.
   */
  readLine(): Promise<Buffer | null>;
}
