import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockCache } from './build-lock.ts';
import { buildProgram } from './build-program.ts';
import type { ModuleFolder } from './module-folder.ts';

/** A module of three lines in place of Kubernetes: what matters is what the cache looks like afterwards. */
const run = promisify(execFile);
const never = new AbortController().signal;

let folder: string;
let module: ModuleFolder;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'build-program-'));
  const source = join(folder, 'source');
  await mkdir(source);
  await writeFile(join(source, 'go.mod'), 'module hello\n\ngo 1.21\n');
  await writeFile(join(source, 'main.go'), 'package main\n\nfunc main() { println("hello") }\n');
  const flags = { arguments: ['-trimpath', '-buildvcs=false'], environment: { GOFLAGS: '', GOWORK: 'off' } };
  module = { name: 'helm', source, built: join(folder, 'built'), flags, go: 'go' };
});
afterEach(() => rm(folder, { recursive: true }));

test('a program gets its name when it is complete', async () => {
  await buildProgram(module, { name: 'hello', package: 'hello' }, never);
  expect(await readdir(module.built)).toEqual(['hello']);
  expect((await run(join(module.built, 'hello'))).stderr).toBe('hello\n');
});

test('what does not compile leaves nothing, and the compiler is quoted', async () => {
  await writeFile(join(module.source, 'main.go'), 'package main\n\nfunc main() { nonsense() }\n');
  const build = buildProgram(module, { name: 'hello', package: 'hello' }, never);
  await expect(build).rejects.toThrow('undefined: nonsense');
  expect(await readdir(module.built)).toEqual([]);
});

test('a build that was interrupted is no program, and the next one is whole', async () => {
  const interrupted = new AbortController();
  const build = buildProgram(module, { name: 'hello', package: 'hello' }, interrupted.signal);
  interrupted.abort();
  await expect(build).rejects.toThrow();
  expect(await readdir(module.built)).not.toContain('hello');
  await buildProgram(module, { name: 'hello', package: 'hello' }, never);
  expect(await readdir(module.built)).toContain('hello');
});

test('a second builder waits for the first, and says so', async () => {
  const told: string[] = [];
  const first = await lockCache(folder, never, (text) => told.push(text));
  let second = false;
  const waiting = lockCache(folder, never, (text) => told.push(text)).then((lock) => {
    second = true;
    return lock;
  });
  await expect.poll(() => told).toHaveLength(1);
  expect(told[0]).toContain('waiting for another build');
  expect(second).toBe(false);
  first.release();
  (await waiting).release();
});
