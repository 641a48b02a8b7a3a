import { spawn } from 'node:child_process';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CommandError } from '../process/command-error.ts';
import type { ModuleFolder } from './module-folder.ts';

const LAST_LINES = 30;

/**
 * Compiles one program into its module's folder of the cache, in whole or not at all: it gets its name when it is complete,
 * so that a build that was killed leaves nothing that looks like a program.
 *
 * @throws CommandError with the compiler's last lines
 */
export async function buildProgram(
  module: ModuleFolder,
  program: { readonly name: string; readonly package: string },
  signal: AbortSignal,
): Promise<void> {
  await mkdir(module.built, { recursive: true });
  const unfinished = join(module.built, `.${program.name}.unfinished`);
  const lines: string[] = [];
  const child = spawn(module.go, ['build', ...module.flags.arguments, '-o', unfinished, program.package], {
    cwd: module.source,
    env: { ...process.env, ...module.flags.environment },
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
  });
  createInterface(child.stderr).on('line', (line) => lines.push(line));
  const { promise, resolve, reject } = Promise.withResolvers<number | string>();
  child.on('error', reject).on('close', (code, killedBy) => resolve(code ?? killedBy ?? 'unknown'));
  const end = await promise;
  if (end !== 0) {
    await rm(unfinished, { force: true });
    throw new CommandError(`go build ${program.package} ended with ${end}`, lines.slice(-LAST_LINES));
  }
  await rename(unfinished, join(module.built, program.name));
}
