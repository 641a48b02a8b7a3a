import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { openSession } from './session.ts';

/** `2`: the kernel's timer of this connection is that of keep-alive (Documentation/networking/proc_net_tcp.rst). */
async function timerOf(port: number): Promise<string | undefined> {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  const rows = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((line) => line.trim().split(/\s+/));
  return rows.find((row) => row[1]?.endsWith(`:${wanted}`))?.[5]?.split(':')[0];
}

test.skipIf(process.platform !== 'linux')('a host that is gone without a word is noticed', async () => {
  // Takes connections and says nothing, as a server does whose host is about to go.
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const over = new AbortController();
  const { port } = server.address() as AddressInfo;
  const target = { host: '127.0.0.1', port, user: 'u', password: 'p', database: 'd', applicationName: 'test' };
  const opened = openSession(target, over.signal);
  const [socket] = (await once(server, 'connection')) as [Socket];
  try {
    await expect.poll(() => timerOf(socket.remotePort ?? 0)).toBe('02');
  } finally {
    over.abort(new Error('the test is over'));
    await expect(opened).rejects.toThrow('the test is over');
    socket.destroy();
    server.close();
  }
});
