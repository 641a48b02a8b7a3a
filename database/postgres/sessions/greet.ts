import { firstOctet } from '#database/first-octet.ts';

/** SSLRequest: length 8, code 80877103 ("SSL Session Encryption" in the protocol's documentation). */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * A new connection as far as the server's first byte ('S' or 'N'). The kernel accepts connections for a server that was
 * stopped; only one whose main process still makes sessions answers this, and it costs no password check.
 */
export const greetServer = (host: string, port: number, signal: AbortSignal): Promise<void> =>
  firstOctet({ host, port, hello: SSL_REQUEST }, signal);
