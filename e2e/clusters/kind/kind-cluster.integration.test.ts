import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from '../process/run-command.ts';
import { ensurePrograms } from '../programs/ensure-programs.ts';
import { KIND_CONFIGURATION } from './kind-cluster.ts';

/**
 * Where no container engine is, kind still reads its configuration before it looks for one: so its own parser judges the
 * committed file. The PATH is empty, so that nothing is created where there is an engine.
 */
let kind: string;
let folder: string;
beforeAll(async () => {
  kind = (await ensurePrograms(['kind'])).path('kind');
  folder = await mkdtemp(join(tmpdir(), 'kind-'));
}, 300_000);
afterAll(() => rm(folder, { recursive: true }));

async function complaintAbout(configuration: string): Promise<string> {
  const command = [kind, 'create', 'cluster', '--name', 'none', '--config', configuration] as const;
  const kubeconfig = join(folder, 'kubeconfig');
  return await runCommand([...command, '--kubeconfig', kubeconfig], { environment: { PATH: folder } }).then(
    () => 'created',
    (error: Error) => error.message,
  );
}

test('kind takes the committed configuration, and misses only an engine', async () => {
  const complaint = await complaintAbout(KIND_CONFIGURATION);
  expect(complaint).toMatch(/docker|podman|nerdctl|provider/i);
  expect(complaint).not.toMatch(/unable to decode|unmarshal|strict/i);
});

test('the same parser refuses a field that does not exist', async () => {
  const wrong = join(folder, 'wrong.yaml');
  await writeFile(
    wrong,
    (await readFile(KIND_CONFIGURATION, 'utf8')).replace('role: control-plane', 'rule: control-plane'),
  );
  expect(await complaintAbout(wrong)).toContain('rule');
});
