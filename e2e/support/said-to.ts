import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import type { Place } from './way-in/way-in.ts';

const SILENT_MS = 20_000;

/**
 * All that a server of IMAP says to somebody who sends these commands and logs out: line by line, its greeting first. `secure`: over
 * TLS from the first octet.
 *
 * @throws Error where there is no connection, or nothing is said for 20 s
 */
export async function saidTo(
  { host, port, secure = false }: Place & { readonly secure?: boolean },
  commands: readonly string[],
): Promise<readonly string[]> {
  // The certificate is the test's own.
  const socket = secure ? connectTls({ host, port, rejectUnauthorized: false }) : connectTcp({ host, port });
  socket.setTimeout(SILENT_MS, () => socket.destroy(new Error(`nothing was said for ${SILENT_MS} ms`)));
  await once(socket, secure ? 'secureConnect' : 'connect');
  socket.write([...commands, 'end LOGOUT', ''].join('\r\n'));
  return (await text(socket)).trimEnd().split('\r\n');
}
