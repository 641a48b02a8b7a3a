/** Where a command writes its untagged responses, as finished octets with their CRLF. */
export interface Output {
  /**
   * Queues octets in order, up to the end of a response. The promise settles at once while there is room in the bounded
   * buffer, and otherwise when the client has read enough; so awaiting every write keeps memory bounded whatever a
   * command answers. Text is written as UTF-8; 8-bit protocol text comes as a Buffer.
   * @throws ConnectionClosed where the client is gone or does not read
   */
  write(octets: Buffer | string): Promise<void>;
  /**
   * Like `write`, but the response goes on, for instance with the rest of a literal: until the next `write` the session
   * puts nothing of its own (keep-alives of the hold gate) in between.
   */
  writePart(octets: Buffer | string): Promise<void>;
}

/** The client is gone: whatever runs for it may stop. Never shown to anybody. */
export class ConnectionClosed extends Error {
  override readonly name = 'ConnectionClosed';
}
