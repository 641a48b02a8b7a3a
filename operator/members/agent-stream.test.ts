import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { type AgentReport, BEATING_STREAM_TYPE, type Heard } from '#contract/agent-report.ts';
import { memberName } from '#contract/names.ts';
import { pause } from '#runtime/deadline.ts';
import { eachLine } from '#runtime/lines-of.ts';
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
const server = require('node:http').createServer((request, response) => {
  request.resume();
  response.writeHead(200);
  response.write(workerData);
  streams.add(response);
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

test('whoever may serve mail is told that each report was heard; of a replica, which nothing hangs on, one in a while', async () => {
  const heard: number[] = [];
  const agent = createServer((request, response) => {
    const replica = agentReport({
      member: memberName('a0'),
      state: 'running',
      upstream: memberName('a1'),
      streaming: true,
    });
    const said = [replica, replica, replica, { ...replica, grantedEpoch: 2 }, { ...replica, grantedEpoch: 2 }];
    // The end of the stream breaks it off; what was heard until then is what counts.
    void eachLine(request, (line) => heard.push((JSON.parse(line) as Heard).heard)).catch(() => undefined);
    response.writeHead(200);
    for (const [index, report] of said.entries())
      response.write(`${JSON.stringify({ ...report, sequence: index + 1 })}\n`);
  });
  ends.defer(async () => await closeServer(agent));
  await once(agent.listen(0, '127.0.0.1'), 'listening');
  const { port } = agent.address() as AddressInfo;
  const end = new AbortController();
  const stream = keepAgentStream({
    agentUrl: `http://127.0.0.1:${port}`,
    token: 'token',
    clock,
    silenceMs: 10_000,
    signal: end.signal,
    onReport: () => undefined,
    onLost: () => undefined,
  });
  ends.defer(async () => {
    end.abort();
    await stream;
  });
  await expect.poll(() => heard.at(-1), { timeout: 5_000 }).toBe(5);
  expect(heard).toEqual([1, 4, 5]);
});

// Of agents of before, which answer with reports whatever they are asked, the tests above are.
test('an agent that beats is heard as well, and each beat of a primary is confirmed', async () => {
  const heard: number[] = [];
  const reports: AgentReport[] = [];
  const primary = {
    ...agentReport({ member: memberName('a0'), state: 'running', upstream: null, streaming: false }),
    grantedEpoch: 2,
  };
  const agent = createServer((request, response) => {
    void eachLine(request, (line) => heard.push((JSON.parse(line) as Heard).heard)).catch(() => undefined);
    response.writeHead(request.headers.accept === BEATING_STREAM_TYPE ? 200 : 400);
    const lines = [primary, { beat: 2, since: 1, latencyMs: 7 }, { beat: 3, since: 1 }];
    for (const line of lines) response.write(`${JSON.stringify(line)}\n`);
  });
  ends.defer(async () => await closeServer(agent));
  await once(agent.listen(0, '127.0.0.1'), 'listening');
  const { port } = agent.address() as AddressInfo;
  const end = new AbortController();
  ends.defer(async () => end.abort());
  void keepAgentStream({
    agentUrl: `http://127.0.0.1:${port}`,
    token: 'token',
    clock,
    silenceMs: 10_000,
    signal: end.signal,
    onReport: (report) => reports.push(report),
    onLost: () => undefined,
  });
  await expect.poll(() => heard, { timeout: 5_000 }).toEqual([1, 2, 3]);
  const moved = { ...primary, sequence: 2, probe: { ...primary.probe, latencyMs: 7 } };
  expect(reports).toEqual([primary, moved, { ...primary, sequence: 3 }]);
});

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
