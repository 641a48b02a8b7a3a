import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Fails where a test was skipped: on this machine everything can run, so a skipped test would go unnoticed for ever. */
const folder = process.argv[2];
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
if (files.length === 0) throw new Error(`no results in ${folder}`);
const results = files.flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).testResults);
const skipped = results.flatMap(({ name, assertionResults }) =>
  assertionResults
    .filter(({ status }) => status !== 'passed')
    .map(({ fullName, status }) => `${status}: ${name}: ${fullName}`),
);
if (skipped.length > 0) {
  process.stderr.write(`not run in CI:\n${skipped.map((line) => `  ${line}\n`).join('')}`);
  process.exitCode = 1;
}
