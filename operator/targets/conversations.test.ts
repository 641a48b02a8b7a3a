import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { ChannelDoors } from '#runtime/channel/channel-doors.ts';
import type { LineChannel } from '#runtime/channel/line-channel.ts';
import { DeadlineError, pause } from '#runtime/deadline.ts';
import type { Pod } from '../ports.ts';
import { Conversations } from './conversations.ts';

const PATH = '/v1/talk';
const DEADLINE_MS = 5_000;

let ends = new AsyncDisposableStack();
afterEach(async () => {
  await ends.disposeAsync();
  ends = new AsyncDisposableStack();
});

type Served = { readonly pod: Pod; readonly channels: readonly LineChannel[]; readonly close: () => void };

/** A process that does that with each line. */
async function serve(answer: (line: string, channel: LineChannel) => void): Promise<Served> {
  const channels: LineChannel[] = [];
  const open = (channel: LineChannel): void => {
    channels.push(channel);
    channel.read((line) => answer(line, channel)).catch(() => undefined);
  };
  const doors = new ChannelDoors([{ path: PATH, admits: () => true, open }]);
  const server = createServer({ shouldUpgradeCallback: doors.admits });
  doors.attach(server);
  const close = (): void => {
    doors.close();
    server.close();
  };
  ends.defer(close);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const adminUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { pod: { name: 'imapd-0', adminUrl }, channels, close };
}

const talks = (idleMs = DEADLINE_MS): Conversations => new Conversations(PATH, idleMs);

test('questions are answered in their order, over one channel', async () => {
  const { pod, channels } = await serve((line, channel) => channel.send(`${line}!`));
  const conversations = talks();
  const answers = ['a', 'b', 'c'].map((line) => conversations.ask(pod, line, DEADLINE_MS));
  expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!']);
  expect(await conversations.ask(pod, 'd', DEADLINE_MS)).toBe('d!');
  expect(channels.length).toBe(1);
});

test('an answer that is late is nobody’s: the next question goes over another channel', async () => {
  const { pod, channels } = await serve((line, channel) => {
    if (line !== 'hang') channel.send(`${line}!`);
  });
  const conversations = talks();
  const [late, with_it] = [conversations.ask(pod, 'hang', 60), conversations.ask(pod, 'hang', DEADLINE_MS)];
  await expect(late).rejects.toThrow(DeadlineError);
  await expect(with_it).rejects.toThrow(DeadlineError);
  expect(await conversations.ask(pod, 'a', DEADLINE_MS)).toBe('a!');
  expect([channels.length, channels[0]?.isClosed]).toEqual([2, true]);
});

test('a process that has held us up was not late', async () => {
  const { pod, channels } = await serve((line, channel) => {
    const until = performance.now() + 150;
    while (performance.now() < until);
    channel.send(`${line}!`);
  });
  const conversations = talks();
  await conversations.ask(pod, 'a', DEADLINE_MS);
  expect(await conversations.ask(pod, 'b', 60)).toBe('b!');
  expect(channels.length).toBe(1);
});

test('a process that has ended is said to have, at once; another one at its address is asked anew', async () => {
  const first = await serve((line, channel) => (line === 'end' ? channel.close() : channel.send(line)));
  const conversations = talks();
  expect(await conversations.ask(first.pod, 'a', DEADLINE_MS)).toBe('a');
  await expect(conversations.ask(first.pod, 'end', DEADLINE_MS)).rejects.toThrow('ended');
  await expect.poll(() => conversations.size).toBe(0);
  expect(await conversations.ask(first.pod, 'b', DEADLINE_MS)).toBe('b');
  // The same address under another name, which the operator hears of first.
  expect(await conversations.ask({ ...first.pod, name: 'imapd-1' }, 'c', DEADLINE_MS)).toBe('c');
  await expect.poll(() => first.channels.map(({ isClosed }) => isClosed)).toEqual([true, true, false]);
  first.close();
  await expect.poll(() => conversations.size).toBe(0);
  await expect(conversations.ask(first.pod, 'd', DEADLINE_MS)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect(conversations.size).toBe(0);
});

test('an answer that nobody has asked for, or that makes no sense, ends the channel', async () => {
  const { pod, channels } = await serve((line, channel) => channel.send(`${line}\n${line}`));
  const conversations = talks();
  await conversations.ask(pod, 'a', DEADLINE_MS);
  await expect.poll(() => channels[0]?.isClosed).toBe(true);
  const sane = await serve((line, channel) => channel.send(line));
  await conversations.ask(sane.pod, 'a', DEADLINE_MS);
  conversations.giveUp(sane.pod);
  expect(await conversations.ask(sane.pod, 'b', DEADLINE_MS)).toBe('b');
  expect(sane.channels.length).toBe(2);
});

test('a channel over which nothing is asked any more is closed, and not before', async () => {
  const { pod, channels } = await serve((line, channel) => channel.send(line));
  const conversations = talks(200);
  for (let time = 0; time < 4; time += 1) {
    await conversations.ask(pod, 'a', DEADLINE_MS);
    await pause(100);
  }
  expect(channels.length).toBe(1);
  await expect.poll(() => channels[0]?.isClosed).toBe(true);
  await expect.poll(() => conversations.size).toBe(0);
});
