import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '#runtime/logger.ts';
import { EXIT_PORT_TAKEN } from '#runtime/program-options.ts';
import { Supervisor } from './supervisor.ts';

// Promise: a run ends for want of ports only where no imapd has any: while one serves, it goes on.

/** Programs that are ready, or find a port taken, as their configuration says. */
const PROGRAM = `
const { readFileSync } = require('node:fs');
if (readFileSync(process.argv[3], 'utf8') === 'taken') process.exit(${EXIT_PORT_TAKEN});
process.send?.({ type: 'ready' });
process.stdin.resume().on('end', () => process.exit(0));
`;
const MANY = { timeout: 30_000 };

let folder = '';
let supervisor: Supervisor;
const without: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'supervisor-'));
  without.length = 0;
  await writeFile(join(folder, 'package.json'), '{ "type": "commonjs" }');
  for (const program of ['imapd/main.ts', 'standalone/operator-process.ts']) {
    await mkdir(join(folder, program, '..'), { recursive: true });
    await writeFile(join(folder, program), PROGRAM);
  }
});
afterEach(async () => {
  await supervisor.stop(AbortSignal.abort());
  await rm(folder, { recursive: true, force: true });
});

async function start(pods: readonly ('taken' | 'free')[]): Promise<void> {
  const imapd = pods.map((port, index) => ({
    pod: { name: `imapd-${index}`, adminPort: 1 },
    file: join(folder, port),
  }));
  for (const port of ['taken', 'free']) await writeFile(join(folder, port), port);
  supervisor = new Supervisor({
    folder,
    files: { operator: join(folder, 'free'), agents: [], imapd },
    log: createLogger({ program: 'test', level: 'silent', pretty: false }),
    runJob: async () => null,
    primaries: async () => new Set(),
    onPortTaken: (process) => without.push(process),
  });
  supervisor.start();
}

const restarts = (name: string): number => supervisor.processes().find((each) => each.name === name)?.restarts ?? 0;

test('nobody is without ports for good while another imapd listens', async () => {
  await start(['free', 'taken']);
  await expect.poll(() => restarts('imapd-1'), MANY).toBe(7);
  expect(without).toEqual([]);
  expect(supervisor.pods().map(({ name }) => name)).toEqual(['imapd-0']);
});

test('where none can listen, that is told once', async () => {
  await start(['taken', 'taken']);
  await expect.poll(() => Math.min(restarts('imapd-0'), restarts('imapd-1')), MANY).toBe(7);
  expect(without).toEqual([expect.stringMatching(/^imapd-[01]$/)]);
});
