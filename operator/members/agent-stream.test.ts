import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { type AgentReport, type Heard, STREAM_PATH } from '#contract/agent-report.ts';
import { memberName } from '#contract/names.ts';
import { ChannelDoors } from '#runtime/channel/channel-doors.ts';
import { pause } from '#runtime/deadline.ts';
import { agentReport } from '../kubernetes/members/test-support/agent-report.ts';
import type { Clock } from '../ports.ts';
import { keepAgentStream } from './agent-stream.ts';

const SILENCE_MS = 300;
const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now(), sleep: pause };

/** In a thread of its own, so that it goes on while this one is held up. */
const AGENT = `
const { parentPort, workerData } = require('node:worker_threads');
const streams = new Set();
let speaks = true;
parentPort.on('message', () => { speaks = false; });
setInterval(() => { if (speaks) for (const stream of streams) stream.write(workerData); }, 50);
const server = require('node:http').createServer().on('upgrade', (request, socket) => {
  socket.on('error', () => {}).resume();
  const { upgrade } = request.headers;
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: ' + upgrade + '\\r\\n\\r\\n' + workerData);
  streams.add(socket);
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

let ends = new AsyncDisposableStack();
afterEach(async () => {
  await ends.disposeAsync();
  ends = new AsyncDisposableStack();
});

test('an operator that was held up has heard what came meanwhile; an agent that says nothing is silent', async () => {
  const said = agentReport({ member: memberName('a0'), state: 'running', upstream: null, streaming: false });
  const agent = new Worker(AGENT, { eval: true, workerData: `${JSON.stringify(said)}\n` });
  ends.defer(async () => void (await agent.terminate()));
  const [port] = await once(agent, 'message');
  const end = new AbortController();
  const first = Promise.withResolvers<void>();
  const lost: string[] = [];
  const stream = keepAgentStream({
    agentUrl: `http://127.0.0.1:${port}`,
    token: 'token',
    clock,
    silenceMs: SILENCE_MS,
    signal: end.signal,
    onReport: () => first.resolve(),
    onLost: (failure) => lost.push(failure),
  });
  ends.defer(async () => {
    end.abort();
    await stream;
  });
  await first.promise;
  for (let time = 0; time < 3; time += 1) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * SILENCE_MS);
    await pause(10);
  }
  expect(lost).toEqual([]);
  agent.postMessage('be silent');
  await pause(2 * SILENCE_MS);
  expect(lost).not.toEqual([]);
  // Silence is no evidence; a reset would be.
  expect(new Set(lost)).toEqual(new Set(['timeout']));
});

/** The address of an agent that says those lines, and notes what it was told to have been heard. */
async function agentThatSays(lines: readonly object[], heard: number[]): Promise<string> {
  const doors = new ChannelDoors([
    {
      path: STREAM_PATH,
      admits: ({ headers }) => headers.authorization === 'Bearer token',
      open: (channel) => {
        // The end of the stream breaks it off; what was heard until then is what counts.
        channel.read((line) => heard.push((JSON.parse(line) as Heard).heard)).catch(() => undefined);
        for (const line of lines) channel.send(JSON.stringify(line));
      },
    },
  ]);
  const server = createServer({ shouldUpgradeCallback: doors.admits });
  doors.attach(server);
  ends.defer(async () => {
    doors.close();
    server.close();
    await once(server, 'close');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Keeps a stream until the end of the test; the reports that come. */
function follow(agentUrl: string): readonly AgentReport[] {
  const reports: AgentReport[] = [];
  const end = new AbortController();
  const stream = keepAgentStream({
    agentUrl,
    token: 'token',
    clock,
    silenceMs: 10_000,
    signal: end.signal,
    onReport: (report) => reports.push(report),
    onLost: () => undefined,
  });
  ends.defer(async () => {
    end.abort();
    await stream;
  });
  return reports;
}

test('whoever may serve mail is told that each report was heard; of a replica, which nothing hangs on, one in a while', async () => {
  const heard: number[] = [];
  const name = memberName('a0');
  const replica = agentReport({ member: name, state: 'running', upstream: memberName('a1'), streaming: true });
  const said = [replica, replica, replica, { ...replica, grantedEpoch: 2 }, { ...replica, grantedEpoch: 2 }];
  follow(
    await agentThatSays(
      said.map((report, index) => ({ ...report, sequence: index + 1 })),
      heard,
    ),
  );
  await expect.poll(() => heard.at(-1), { timeout: 5_000 }).toBe(5);
  expect(heard).toEqual([1, 4, 5]);
});

test('an agent that beats is heard as well, and each beat of a primary is confirmed', async () => {
  const heard: number[] = [];
  const name = memberName('a0');
  const primary = {
    ...agentReport({ member: name, state: 'running', upstream: null, streaming: false }),
    grantedEpoch: 2,
  };
  const lines = [primary, { beat: 2, since: 1, latencyMs: 7 }, { beat: 3, since: 1 }];
  const reports = follow(await agentThatSays(lines, heard));
  await expect.poll(() => heard, { timeout: 5_000 }).toEqual([1, 2, 3]);
  const moved = { ...primary, sequence: 2, probe: { ...primary.probe, latencyMs: 7 } };
  expect(reports).toEqual([primary, moved, { ...primary, sequence: 3 }]);
});
