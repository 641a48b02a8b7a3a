import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { RecordedLog } from '../../session/test-support/recorded-log.ts';
import type { MailboxId } from '../../store/types.ts';
import { parseHints } from './hint.ts';
import { HintSender } from './hint-sender.ts';

const box = (n: number): MailboxId => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` as MailboxId;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A peer that keeps what it was told and answers only when let. */
async function startPeer(): Promise<{ port: number; told: string[]; requests: IncomingMessage[]; answer: () => void }> {
  const told: string[] = [];
  const requests: IncomingMessage[] = [];
  let gate = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    requests.push(request);
    told.push(await text(request));
    await gate.promise;
    response.writeHead(204).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  const address = server.address();
  const answer = (): void => {
    gate.resolve();
    gate = Promise.withResolvers();
    gate.resolve();
  };
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, told, requests, answer };
}

describe('HintSender', () => {
  it('sends a burst in one request, the newest of each mailbox, and gathers while one is under way', async () => {
    const peer = await startPeer();
    const sender = new HintSender({ token: 'secret', log: new RecordedLog() });
    sender.setPeers([{ host: '127.0.0.1', port: peer.port }]);
    for (let modSeq = 1; modSeq <= 100; modSeq++) sender.send(box(1), modSeq);
    sender.send(box(2), 0);
    sender.send(box(2), 7);
    await expect.poll(() => peer.told.length).toBe(1);
    expect(parseHints(peer.told[0]!)).toEqual([
      { mailbox: box(1), modSeq: 100 },
      { mailbox: box(2), modSeq: 0 },
    ]);
    expect(peer.requests[0]!.headers).toMatchObject({ authorization: 'Bearer secret' });
    for (let modSeq = 101; modSeq <= 200; modSeq++) sender.send(box(1), modSeq);
    peer.answer();
    await expect.poll(() => peer.told.length).toBe(2);
    expect(parseHints(peer.told[1]!)).toEqual([{ mailbox: box(1), modSeq: 200 }]);
  });

  it('is not stopped by a peer that is gone', async () => {
    const peer = await startPeer();
    peer.answer();
    const sender = new HintSender({ token: 'secret', log: new RecordedLog() });
    sender.setPeers([
      { host: '127.0.0.1', port: 1 },
      { host: '127.0.0.1', port: peer.port },
    ]);
    sender.send(box(1), 1);
    await expect.poll(() => peer.told.length).toBe(1);
  });
});

describe('parseHints', () => {
  it.each(['{', '{"mailbox":"x","modSeq":1}', `{"mailbox":"${box(1)}","modSeq":-1}`, '[]', 'null'])(
    'refuses %s',
    (body) => {
      expect(parseHints(body)).toBe(null);
    },
  );
});
