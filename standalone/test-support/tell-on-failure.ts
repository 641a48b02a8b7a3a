import { beforeEach } from 'vitest';
import type { Run } from './run-standalone.ts';

/** For a file whose tests share a run: where one fails, what the run has printed. */
export function tellOnFailure(run: () => Run): void {
  beforeEach(({ onTestFailed }) => {
    onTestFailed(() => {
      process.stderr.write(run().output());
    });
  });
}
