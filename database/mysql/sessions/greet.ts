import { firstOctet } from '#database/first-octet.ts';

/**
 * A new connection as far as the server's greeting, which it speaks first. The kernel accepts connections for a server that
 * was stopped; only one that still makes sessions says something, and it costs no password check. (Servers count those who
 * leave then, and shut them out in the end: not with `skip_name_resolve`.)
 */
export const greetServer = (host: string, port: number, signal: AbortSignal): Promise<void> =>
  firstOctet({ host, port, hello: null }, signal);
