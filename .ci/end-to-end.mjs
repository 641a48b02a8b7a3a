import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/**
 * The end-to-end tests on three nodes, whole; files in which a test failed are run once more, on a cluster of their own. All nodes
 * and the tests share a few processors, and what is told apart by seconds there can be missed: a fault of ours fails twice.
 *
 *     node .ci/end-to-end.mjs [SECONDS]    how long both may take; by default as long as they are given here
 */
const FIRST_SECONDS = 2_700;
const AGAIN_SECONDS = 900;
const ends = Date.now() + 1_000 * Number(process.argv[2] ?? FIRST_SECONDS + AGAIN_SECONDS);
/** What the tests end with where something is broken that no second try makes good (e2e/main.ts). */
const FINAL = 3;

const failed = run([], FIRST_SECONDS);
if (failed === null) end(0);
if (failed === 'final') end(1, 'broken, and no second try makes it good');
if (failed.length === 0) end(1, 'the end-to-end tests did not end, or left no results');
process.stderr.write(`RUN ONCE MORE, AFTER A FAILURE: ${failed.join(', ')}\n`);
const again = run(failed, AGAIN_SECONDS);
end(again === null ? 0 : 1, again === null ? `failed once, and passed then: ${failed.join(', ')}` : 'failed twice');

/** null: all is well. `final`: no second try helps. Else files with a failed test, by names that choose them; none where no results tell. */
function run(names, seconds) {
  const folder = mkdtempSync(join(tmpdir(), 'imapcluster-ci-'));
  const left = Math.max(1, Math.min(seconds, Math.floor((ends - Date.now()) / 1_000)));
  try {
    const { status } = spawnSync('timeout', ['--kill-after=60', `${left}`, 'npm', 'run', 'e2e', '--', ...names], {
      stdio: 'inherit',
      env: { ...process.env, IMAPCLUSTER_TEST_RESULTS: folder },
    });
    if (status === 0) return null;
    return status === FINAL ? 'final' : failedIn(join(folder, 'e2e.json'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function failedIn(file) {
  if (!existsSync(file)) return [];
  return JSON.parse(readFileSync(file, 'utf8'))
    .testResults.filter(({ status }) => status !== 'passed')
    .map(({ name }) => `e2e/${basename(name)}`);
}

function end(code, words) {
  if (words !== undefined) process.stderr.write(`${words}\n`);
  process.exit(code);
}
