import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { chooseProvider } from './clusters/choose-provider.ts';
import type { CheckName } from './clusters/programs/prerequisite-table.ts';
import { explainMissing, missingPrerequisites } from './clusters/programs/prerequisites.ts';
import { lookAround } from './clusters/surroundings.ts';
import { areCounted, resultReporters } from './results.ts';

/**
 * `npm test`: every suite that this machine can run; of the others it says what they lack. `--without-cluster` leaves out those
 * that bring up a Kubernetes or build images, and so do further words, which go to vitest.
 */
type Suite = {
  readonly project: string;
  readonly needs: readonly CheckName[];
  /** Minutes, and little that a change of something else would break: with the whole alone. */
  readonly ofWhole?: boolean;
};

const suites: readonly Suite[] = [
  { project: 'unit', needs: [] },
  { project: 'integration', needs: [] },
  // Builds an API server and etcd from Go modules, once.
  { project: 'api-server', needs: ['go'] },
  { project: 'images', needs: ['images'], ofWhole: true },
  // All of Kubernetes is built for it, once; the tests on a whole cluster use the same.
  { project: 'providers', needs: ['go', 'cgo', 'local'], ofWhole: true },
];
/** Of a Kubernetes on this machine: all of it is built from Go modules, once. */
const LOCAL_CLUSTER: readonly CheckName[] = ['go', 'cgo', 'local', 'databaseImages'];

const VITEST = join(import.meta.dirname, '..', 'node_modules', 'vitest', 'vitest.mjs');
const E2E = join(import.meta.dirname, 'main.ts');

const given = process.argv.slice(2);
const words = given.filter((word) => word !== '--without-cluster');

const isWhole = given.length === 0;
const projects: string[] = [];
for (const { project, needs, ofWhole = false } of suites) {
  if (ofWhole && !isWhole) continue;
  const missing = await missingPrerequisites(needs);
  if (missing.length === 0) projects.push(`--project=${project}`);
  else leaveOut(project, explainMissing(missing));
}
const lacked = isWhole ? await lackedByCluster() : null;
if (lacked !== null) leaveOut('e2e', lacked);
if (process.exitCode === undefined)
  process.exitCode = await run(VITEST, 'run', ...projects, ...resultReporters('suites'), ...words);
// On what fails without one, a cluster would be brought up in vain.
if (process.exitCode === 0 && isWhole && lacked === null) process.exitCode = await run(E2E);

function leaveOut(suite: string, why: string): void {
  process.stderr.write(`left out: the suite "${suite}": ${why}\n`);
  // Whoever counts what was skipped would not see that a whole suite was.
  if (areCounted()) process.exitCode = 1;
}

/** What is missing for the tests on a whole Kubernetes; null: nothing. */
async function lackedByCluster(): Promise<string | null> {
  const chosen = chooseProvider('auto', await lookAround(undefined));
  if (!chosen.ok) return chosen.why;
  const missing = chosen.provider === 'local' ? await missingPrerequisites(LOCAL_CLUSTER) : [];
  return missing.length === 0 ? null : explainMissing(missing);
}

async function run(...program: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, program, { stdio: 'inherit' });
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, pass);
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code ?? 1;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, pass);
  }
}
