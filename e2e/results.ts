import { join } from 'node:path';

/** Names the folder in which each run of vitest leaves its results as JSON, for whoever counts what was skipped. */
const VARIABLE = 'IMAPCLUSTER_TEST_RESULTS';

const OURS = ['tell-retries.ts', 'tell-slowest.ts'];

/** Whether somebody counts what was run and what was skipped. */
export const areCounted = (environment: NodeJS.ProcessEnv = process.env): boolean =>
  (environment[VARIABLE] ?? '') !== '';

/** vitest's words for what it tells, and for the results where somebody asked for them. @param name of the run: a file of that name */
export function resultReporters(name: string, environment: NodeJS.ProcessEnv = process.env): readonly string[] {
  const folder = environment[VARIABLE] ?? '';
  const told = ['default', ...OURS.map((file) => join(import.meta.dirname, file))].map((name) => `--reporter=${name}`);
  return folder === '' ? told : [...told, '--reporter=json', `--outputFile.json=${join(folder, `${name}.json`)}`];
}
