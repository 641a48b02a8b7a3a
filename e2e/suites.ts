import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { CheckName } from './clusters/programs/prerequisite-table.ts';
import { explainMissing, missingPrerequisites } from './clusters/programs/prerequisites.ts';
import { resultReporters } from './results.ts';

/** `npm test`: every suite that this machine can run; of the others it says what they lack. Further words go to vitest. */
type Suite = { readonly project: string; readonly needs: readonly CheckName[] };

const suites: readonly Suite[] = [
  { project: 'unit', needs: [] },
  { project: 'integration', needs: [] },
  // Builds an API server and etcd from Go modules, once.
  { project: 'api-server', needs: ['go'] },
  // To come, once CI has the time that it takes: `npm run e2e`, on a Kubernetes of three nodes.
];

const VITEST = join(import.meta.dirname, '..', 'node_modules', 'vitest', 'vitest.mjs');

const counted = resultReporters('suites');
const chosen: string[] = [];
for (const { project, needs } of suites) {
  const missing = await missingPrerequisites(needs);
  if (missing.length === 0) chosen.push(`--project=${project}`);
  else {
    process.stderr.write(`left out: the suite "${project}": ${explainMissing(missing)}\n`);
    // Whoever counts what was skipped would not see that a whole suite was.
    if (counted.length > 0) process.exit(1);
  }
}
const words = [VITEST, 'run', ...chosen, ...counted, ...process.argv.slice(2)];
const child = spawn(process.execPath, words, { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
const [code] = (await once(child, 'exit')) as [number | null];
process.exitCode = code ?? 1;
