import { join } from 'node:path';

/** Names the folder in which each run of vitest leaves its results as JSON, for whoever counts what was skipped. */
const VARIABLE = 'IMAPCLUSTER_TEST_RESULTS';

/** vitest's words for it; none where nobody asked. @param name of the run: a file of that name */
export function resultReporters(name: string, environment: NodeJS.ProcessEnv = process.env): readonly string[] {
  const folder = environment[VARIABLE] ?? '';
  if (folder === '') return [];
  return ['--reporter=default', '--reporter=json', `--outputFile.json=${join(folder, `${name}.json`)}`];
}
