import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { fastify } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CHANNEL_PROTOCOL } from '#contract/channel.ts';
import { DeadlineError } from '../deadline.ts';
import { ChannelDoors } from './channel-doors.ts';
import { channelRoutes } from './channel-routes.ts';
import type { LineChannel } from './line-channel.ts';
import { openChannel } from './open-channel.ts';

const PATH = '/v1/lines';
const DEADLINE_MS = 5_000;
const authorization = 'Bearer right';

let ends = new AsyncDisposableStack();
let url: URL;
/** What each channel that the server has let in does. */
let onChannel: (channel: LineChannel) => unknown;
let opened: LineChannel[];

beforeEach(async () => {
  opened = [];
  onChannel = () => undefined;
  const door = {
    path: PATH,
    admits: ({ headers }: { headers: NodeJS.Dict<unknown> }) => headers.authorization === authorization,
    open: (channel: LineChannel) => {
      opened.push(channel);
      onChannel(channel);
    },
  };
  const doors = new ChannelDoors([door]);
  const app = fastify({ forceCloseConnections: true, http: { shouldUpgradeCallback: doors.admits } });
  channelRoutes(app, doors);
  app.get('/else', async () => 'something else');
  url = new URL(PATH, await app.listen({ port: 0, host: '127.0.0.1' }));
  ends.defer(() => app.close());
});
afterEach(async () => {
  await ends.disposeAsync();
  ends = new AsyncDisposableStack();
});

const open = async (change: object = {}): Promise<LineChannel> =>
  await openChannel({ url, headers: { authorization }, deadlineMs: DEADLINE_MS, ...change });

async function listenWith(channel: LineChannel, take: (line: string) => void, longest?: number): Promise<unknown> {
  try {
    await channel.read(take, longest);
    return 'ended';
  } catch (error) {
    return error;
  }
}

/** The lines of a channel until it ends, and how that was. */
async function listen(channel: LineChannel, longest?: number): Promise<{ lines: string[]; end: unknown }> {
  const lines: string[] = [];
  return { lines, end: await listenWith(channel, (line) => lines.push(line), longest) };
}

/** The address of somebody who does that with each connection once something has come. */
async function speaker(answer: (socket: Socket) => void): Promise<URL> {
  const server = createTcpServer((socket) => {
    ends.defer(() => void socket.destroy());
    socket.on('error', () => undefined).once('data', () => answer(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  ends.defer(() => void server.close());
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`);
}

const agreed = (protocol: string): string =>
  `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`;

test('lines go both ways until one side closes', async () => {
  onChannel = async (channel) => {
    await listenWith(channel, (line) => {
      if (line === 'enough') channel.close();
      else channel.send(`${line}!`);
    });
  };
  const channel = await open();
  const heard = listen(channel);
  for (const line of ['a', 'ünï', 'enough']) channel.send(line);
  expect(await heard).toEqual({ lines: ['a!', 'ünï!'], end: 'ended' });
  expect(channel.isClosed).toBe(true);
});

test('the other side is told when this one closes', async () => {
  const channel = await open();
  const heard = listen(opened[0]!);
  channel.send('a');
  channel.close();
  expect(await heard).toEqual({ lines: ['a'], end: 'ended' });
});

describe('who gets no channel is told why by an answer like any other', () => {
  test('a wrong token', async () => {
    await expect(open({ headers: { authorization: 'Bearer wrong' } })).rejects.toThrow('HTTP 401');
    await expect(open({ headers: {} })).rejects.toThrow('HTTP 401');
  });

  test('a path without channels', async () => {
    await expect(open({ url: new URL('/nowhere', url) })).rejects.toThrow('HTTP 404');
  });

  test.each([
    ['not an upgrade', {}],
    ['another protocol', { connection: 'Upgrade', upgrade: 'websocket' }],
    ['a request with a body', { connection: 'Upgrade', upgrade: CHANNEL_PROTOCOL, 'content-length': '2' }],
  ])('%s', async (_, headers) => {
    const outgoing = request(url, { headers: { authorization, ...headers }, agent: false });
    outgoing.end('content-length' in headers ? '{}' : undefined);
    const [response] = await once(outgoing, 'response');
    expect([response.statusCode, response.headers.upgrade]).toEqual([426, CHANNEL_PROTOCOL]);
    expect(JSON.parse(await text(response))).toMatchObject({ code: 'UpgradeRequired' });
  });

  test('and who asks for another protocol elsewhere gets what is there', async () => {
    const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': '' };
    const outgoing = request(new URL('/else', url), { headers, agent: false }).end();
    const [response] = await once(outgoing, 'response');
    expect(await text(response)).toBe('something else');
  });

  test('a server that closes', async () => {
    const doors = new ChannelDoors([{ path: PATH, admits: () => true, open: () => undefined }]);
    const server = createServer({ shouldUpgradeCallback: doors.admits }, (_, response) =>
      response.writeHead(503).end(),
    );
    doors.attach(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    ends.defer(() => void server.close());
    const there = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`);
    const before = await open({ url: there });
    doors.close();
    expect(await listen(before)).toEqual({ lines: [], end: 'ended' });
    await expect(open({ url: there })).rejects.toThrow('HTTP 503');
  });
});

test('closing the HTTP server ends its channels', async () => {
  const channel = await open();
  const heard = listen(channel);
  await ends.disposeAsync();
  ends = new AsyncDisposableStack();
  expect(await heard).toEqual({ lines: [], end: 'ended' });
});

describe('who asks gives up', () => {
  test('after its deadline', async () => {
    await expect(open({ url: await speaker(() => undefined), deadlineMs: 50 })).rejects.toThrow(DeadlineError);
  });

  test('when its signal fires: before, and at any time later', async () => {
    const silent = await speaker(() => undefined);
    await expect(open({ url: silent, signal: AbortSignal.abort(new Error('over')) })).rejects.toThrow('over');
    const end = new AbortController();
    const opening = open({ url: silent, signal: end.signal });
    end.abort(new Error('over'));
    await expect(opening).rejects.toThrow('over');
    const later = new AbortController();
    const channel = await open({ signal: later.signal });
    const heard = listen(channel);
    later.abort(new Error('enough'));
    expect(await heard).toEqual({ lines: [], end: new Error('enough') });
  });

  test('where the other side agrees to something else', async () => {
    const other = await speaker((socket) => socket.write(agreed('other')));
    await expect(open({ url: other })).rejects.toThrow('upgraded to other');
  });

  test('where the other side hangs up without an answer: as of a connection that was reset', async () => {
    const rude = await speaker((socket) => socket.end());
    await expect(open({ url: rude })).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('where what is there speaks something else', async () => {
    const other = await speaker((socket) => socket.write('220 mail.example ESMTP\r\n\r\n'));
    await expect(open({ url: other })).rejects.toThrow('no answer of HTTP: 220 mail.example');
  });

  test('with what has no place in a request nobody is asked', async () => {
    await expect(open({ headers: { authorization: 'Bearer a\r\nx: y' } })).rejects.toThrow(TypeError);
    await expect(open({ url: new URL('https://127.0.0.1/') })).rejects.toThrow('an address of http');
    expect(opened).toEqual([]);
  });

  test('where nobody is: with the code that says so', async () => {
    const gone = new URL(url);
    await ends.disposeAsync();
    ends = new AsyncDisposableStack();
    await expect(open({ url: gone })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

test('what comes with the answer is not lost, nor what comes with the question', async () => {
  onChannel = (channel) => {
    channel.send('first');
    void listenWith(channel, (line) => channel.send(`heard ${line}`));
  };
  const socket = connect(Number(url.port), url.hostname);
  ends.defer(() => void socket.destroy());
  const headers = `Host: x\r\nAuthorization: ${authorization}\r\nConnection: Upgrade\r\nUpgrade: ${CHANNEL_PROTOCOL}`;
  socket.setEncoding('utf8').write(`GET ${PATH} HTTP/1.1\r\n${headers}\r\n\r\nhead\nhal`);
  let said = '';
  socket.on('data', (part: string) => {
    said += part;
  });
  await expect.poll(() => said).toMatch(/^HTTP\/1.1 101 [\s\S]*\r\n\r\nfirst\nheard head\n$/);
  socket.write('f\n');
  await expect.poll(() => said).toMatch(/heard half\n$/);
});

test('lines that were said before anybody reads are read; then it is said that the channel has ended', async () => {
  onChannel = (channel) => channel.send('first');
  const channel = await open();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const heard = listen(channel);
  opened[0]!.close();
  expect(await heard).toEqual({ lines: ['first'], end: 'ended' });
});

test('a line without an end closes the channel, and fills no memory', async () => {
  const channel = await open();
  const heard = listen(opened[0]!, 1_000);
  channel.send('x'.repeat(100_000));
  expect(await heard).toEqual({ lines: [], end: expect.any(RangeError) });
  await expect.poll(() => channel.isClosed || opened[0]!.isClosed).toBe(true);
});

test('what the taker throws closes the channel, and nothing more is handed on', async () => {
  const channel = await open();
  const seen: string[] = [];
  const reading = opened[0]!.read((line) => {
    seen.push(line);
    throw new Error('enough');
  });
  channel.send('a\nb');
  await expect(reading).rejects.toThrow('enough');
  expect([seen, opened[0]!.isClosed]).toEqual([['a'], true]);
});

test('whoever does not read is given up after a bounded backlog', async () => {
  await open();
  const channel = opened[0]!;
  const heard = listen(channel);
  const line = 'x'.repeat(64 * 1024);
  for (let sent = 0; !channel.isClosed; sent += line.length) {
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    channel.send(line);
  }
  expect(await heard).toEqual({ lines: [], end: new Error('the other side does not read') });
});

test('a connection that is broken off says so, after what came before', async () => {
  const broken = await speaker((socket) => {
    socket.write(`${agreed(CHANNEL_PROTOCOL)}first\nhal`);
    socket.once('data', () => socket.resetAndDestroy());
  });
  const channel = await open({ url: broken });
  const lines: string[] = [];
  const reading = channel.read((line) => {
    lines.push(line);
    channel.send('more');
  });
  await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(lines).toEqual(['first']);
});
