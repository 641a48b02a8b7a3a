import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { linesOf } from '#runtime/lines-of.ts';
import { runCommand } from '../process/run-command.ts';
import { ensurePrograms } from '../programs/ensure-programs.ts';

/** Promise: `up --api-only` brings an API server that kubectl talks to, and takes it away with everything when it is interrupted. */
const PROGRAM = join(import.meta.dirname, '../main.ts');
const start = (...words: readonly string[]) =>
  spawn(process.execPath, [PROGRAM, 'up', '--api-only', ...words], { stdio: ['ignore', 'pipe', 'pipe'] });

test('kubectl talks to it until it is interrupted; then nothing is left', async () => {
  const kubectl = (await ensurePrograms(['kubectl'])).path('kubectl');
  const child = start();
  const ended = once(child, 'exit');
  try {
    let kubeconfig = '';
    for await (const line of linesOf(child.stdout)) {
      kubeconfig ||= /^export KUBECONFIG=(.+)$/.exec(line)?.[1] ?? '';
      if (line.includes('Ctrl-C')) break;
    }
    const definitions = join(import.meta.dirname, '../../../crds/generated');
    const words = ['--kubeconfig', kubeconfig, 'apply', '--server-side', '--filename', definitions];
    expect(await runCommand([kubectl, ...words])).toMatch(/imapclusters\.imapcluster\.io serverside-applied/);
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    await expect(access(kubeconfig)).rejects.toThrow('ENOENT');
  } finally {
    child.kill('SIGKILL');
  }
});

test('what is meant for a whole cluster is refused', async () => {
  const child = start('--nodes', '2');
  const [[code], said] = await Promise.all([once(child, 'exit'), text(child.stderr)]);
  expect(code).toBe(2);
  expect(said).toContain("'--api-only' cannot be used with option '--nodes");
});
