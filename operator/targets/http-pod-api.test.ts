import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { HEARTBEAT_PATH, type HeartbeatAnswer, LONGEST_PUSHED_LINE, type PushAck } from '#contract/push-api.ts';
import { ChannelDoors } from '#runtime/channel/channel-doors.ts';
import type { LineChannel } from '#runtime/channel/line-channel.ts';
import type { Pod } from '../ports.ts';
import { httpPodApi } from './http-pod-api.ts';

const DEADLINE_MS = 5_000;

let ends = new AsyncDisposableStack();
afterEach(async () => {
  await ends.disposeAsync();
  ends = new AsyncDisposableStack();
});

type Served = { readonly pod: Pod; readonly put: string[]; readonly lines: string[] };

/** A process that takes everything, says that it takes so much over its channel, and answers a line there as told. */
async function serve(takes: readonly string[] | undefined, over?: (channel: LineChannel) => void): Promise<Served> {
  const [put, lines]: [string[], string[]] = [[], []];
  const ack: PushAck = { pod: 'imapd-0', applied: 3, epochs: {} };
  const answer: HeartbeatAnswer = { pod: 'imapd-0', nonce: 'n', applied: 0, sessions: 0, repositories: {} };
  const told = takes === undefined ? answer : { ...answer, takes: [...takes] };
  const open = (channel: LineChannel): void => {
    const take = (line: string): void => {
      lines.push(line);
      if (line === 'beat') channel.send(JSON.stringify(told));
      else if (over === undefined) channel.send(JSON.stringify(ack));
      else over(channel);
    };
    channel.read(take).catch(() => undefined);
  };
  const doors = new ChannelDoors([{ path: HEARTBEAT_PATH, admits: () => true, open }]);
  const server = createServer({ shouldUpgradeCallback: doors.admits }, (request, response) => {
    let text = '';
    request.on('data', (part: Buffer) => {
      text += part;
    });
    request.on('end', () => {
      put.push((JSON.parse(text) as { document: string }).document);
      response.setHeader('content-type', 'application/json').end(JSON.stringify(ack));
    });
  });
  doors.attach(server);
  ends.defer(() => {
    doors.close();
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const pod = { name: 'imapd-0', adminUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  return { pod, put, lines };
}

const push = async (pod: Pod, document: string): Promise<string> =>
  (await httpPodApi.push(pod, document, DEADLINE_MS)).kind;
const beat = async (pod: Pod): Promise<void> =>
  expect(await httpPodApi.heartbeat(pod, 'beat', 500)).toMatchObject({ ok: true });

test('a document goes over the channel to whom has said that it takes it there; one that is too long for it is put', async () => {
  const { pod, put, lines } = await serve(['heartbeats', 'routing']);
  expect(await push(pod, 'first')).toBe('applied');
  await beat(pod);
  expect(await push(pod, 'second')).toBe('applied');
  const long = 'x'.repeat(LONGEST_PUSHED_LINE + 1);
  expect(await push(pod, long)).toBe('applied');
  expect([put, lines]).toEqual([
    ['first', long],
    ['beat', 'second'],
  ]);
});

test.each([[undefined], [[]], [['heartbeats']]])('it is put where documents are not among %j', async (takes) => {
  const { pod, put, lines } = await serve(takes);
  await beat(pod);
  expect(await push(pod, 'first')).toBe('applied');
  expect([put, lines]).toEqual([['first'], ['beat']]);
});

test.each<{ name: string; over: (channel: LineChannel) => void }>([
  { name: 'ends', over: (channel) => channel.close() },
  { name: 'says nothing sensible', over: (channel) => channel.send('{}') },
  { name: 'answers with no JSON', over: (channel) => channel.send('?') },
])(
  'where the channel $name, the next attempt is a request; after the next heartbeat the channel is tried again',
  async ({ over }) => {
    const { pod, put, lines } = await serve(['routing'], over);
    await beat(pod);
    expect(await push(pod, 'first')).toBe('unreachable');
    expect(await push(pod, 'first')).toBe('applied');
    expect(put).toEqual(['first']);
    await beat(pod);
    expect(await push(pod, 'second')).toBe('unreachable');
    expect(lines).toEqual(['beat', 'first', 'beat', 'second']);
  },
);
