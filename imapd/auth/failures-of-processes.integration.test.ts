import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { PEERS_PATH } from '#contract/push-api.ts';
import { usersPath } from '#contract/users-api.ts';
import { TestCluster } from '../routing/test-support/test-cluster.ts';
import { TestRepository } from '../routing/test-support/test-repository.ts';
import { RawClient } from '../session/test-support/raw-client.ts';
import { imapdConfiguration, json, TOKEN } from '../test-support/test-imapd.ts';

// Promise: a guesser who is sent to one imapd after the other is slowed down and shut out by all together, and so is nobody else.

const MAIN = join(import.meta.dirname, '../main.ts');
const FAILURES = 6;

type Program = { readonly child: ChildProcess; readonly imapPort: number; readonly adminPort: number };

let repository: TestRepository;
let cluster: TestCluster;
const programs: Program[] = [];

async function start(pod: string): Promise<Program> {
  const documentFile = join(cluster.folder, 'routing.jws');
  await writeFile(documentFile, await cluster.document({ 'users-a': repository.target('a', 1) }));
  const configuration = {
    ...imapdConfiguration(cluster),
    pod,
    routing: { publicKeys: [cluster.key.publicJwk], documentFile },
    authentication: {
      ...{ argon2: { memoryKiB: 64, iterations: 1 }, scramIterations: 4096, cacheMs: 0, concurrency: 4 },
      ...{ failureDelayMs: 1, maxFailureDelayMs: 2, maxFailures: FAILURES, failureHintMs: 5 },
    },
    sessions: { maxLoginFailures: 100 },
  };
  const file = join(cluster.folder, `${pod}.config`);
  await writeFile(file, JSON.stringify(configuration));
  const env = { ...process.env, IMAPCLUSTER_PARENT: 'stdin' };
  const child = spawn(process.execPath, [MAIN, '--config', file], { stdio: ['pipe', 'ignore', 'pipe'], env });
  let log = '';
  child.stderr?.on('data', (chunk) => {
    log += chunk;
  });
  const started = (): Record<string, number> | null => {
    const line = log.split('\n').find((each) => each.endsWith('}') && each.includes('"ProcessStarted"'));
    return line === undefined ? null : JSON.parse(line);
  };
  await vi.waitFor(() => expect(started()).not.toBeNull(), { timeout: 30_000, interval: 100 });
  const { imapPort = 0, adminPort = 0 } = started() ?? {};
  return { child, imapPort, adminPort };
}

const ask = (adminPort: number, path: string, request: RequestInit): Promise<Response> =>
  fetch(`http://127.0.0.1:${adminPort}${path}`, {
    ...request,
    headers: { ...request.headers, authorization: `Bearer ${TOKEN}` },
  });

beforeAll(async () => {
  repository = await TestRepository.start({ members: ['a'] });
  cluster = await TestCluster.start(['users-a']);
  for (const pod of ['imapd-0', 'imapd-1', 'imapd-2']) programs.push(await start(pod));
  const all = programs.map(({ adminPort }, index) => ({ pod: `imapd-${index}`, host: '127.0.0.1', port: adminPort }));
  for (const { adminPort } of programs) {
    const peers = all.filter(({ port }) => port !== adminPort);
    expect((await ask(adminPort, PEERS_PATH, json('PUT', { peers }))).status).toBe(204);
  }
  for (const name of ['ada', 'bob', 'eve', 'marker']) {
    const added = await ask(programs[0]?.adminPort ?? 0, usersPath, json('POST', { name, password: 'secret' }));
    expect(added.status).toBe(201);
  }
}, 60_000);
afterAll(async () => {
  for (const { child } of programs) child.kill('SIGKILL');
  await cluster?.close();
  await repository?.close();
});

async function signIn(index: number, user: string, password: string): Promise<string> {
  const client = await RawClient.greeted(programs[index]?.imapPort ?? 0);
  const answer = (await client.command(`a LOGIN ${user} ${password}`)).at(-1) ?? '';
  client.close();
  return answer;
}
/** Guesses until a process does not listen any more: that it has heard of the others shows in how soon. */
async function guessesLeft(index: number, user: string): Promise<number> {
  for (let guesses = 0; ; guesses++)
    if ((await signIn(index, user, 'guess')).startsWith('a NO [LIMIT]')) return guesses;
}
const shutOut = async (index: number, user: string): Promise<void> => {
  expect(await signIn(index, user, 'secret')).toMatch(/^a NO \[LIMIT\]/);
};

test('failures in one process and in another make one sum, in each of them', async () => {
  for (let attempt = 0; attempt < FAILURES; attempt++) {
    expect(await signIn(attempt % 2, 'ada', 'guess')).toMatch(/^a NO \[AUTHENTICATIONFAILED\]/);
  }
  for (const index of [2, 0, 1]) expect(await guessesLeft(index, 'ada')).toBeLessThan(FAILURES / 2);
  for (const index of [2, 0, 1]) await shutOut(index, 'ada');
  for (const index of [0, 1, 2]) expect(await signIn(index, 'bob', 'secret')).toMatch(/^a OK/);
});

test('who signs in begins anew everywhere', async () => {
  for (let attempt = 0; attempt < FAILURES - 1; attempt++) await signIn(0, 'eve', 'guess');
  expect(await signIn(0, 'eve', 'secret')).toMatch(/^a OK/);
  // Hints come in order: once this one has, that one has.
  await guessesLeft(0, 'marker');
  await expect.poll(() => signIn(1, 'marker', 'guess'), { timeout: 10_000 }).toMatch(/^a NO \[LIMIT\]/);
  for (let attempt = 0; attempt < FAILURES - 1; attempt++) {
    expect(await signIn(1, 'eve', 'guess')).toMatch(/^a NO \[AUTHENTICATIONFAILED\]/);
  }
  expect(await signIn(1, 'eve', 'secret')).toMatch(/^a OK/);
});

test('a process that is gone keeps the others from nothing', async () => {
  programs[2]?.child.kill('SIGKILL');
  expect(await guessesLeft(0, 'bob')).toBe(FAILURES);
  await expect.poll(() => signIn(1, 'bob', 'guess'), { timeout: 10_000 }).toMatch(/^a NO \[LIMIT\]/);
  await shutOut(1, 'bob');
});
