import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { pause } from '#runtime/deadline.ts';
import { agentReport } from '../kubernetes/members/test-support/agent-report.ts';
import type { Clock } from '../ports.ts';
import { keepAgentStream } from './agent-stream.ts';

// An agent in a thread of its own, so that it goes on while this one is held up.

const SILENCE_MS = 300;
const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now(), sleep: pause };

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

const ends = new AsyncDisposableStack();
afterEach(async () => await ends.disposeAsync());

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
