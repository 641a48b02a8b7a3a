import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that leave the cluster they share whole, but not as it was: after one, members of a partition may share a node for
 * good, which the others do not expect.
 */
const LAST = ['node-lost.test.ts'];

/** The order in which test files run: as ever, then these. */
export class OrderOfFiles extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLast = ({ moduleId }: TestSpecification): boolean => LAST.includes(basename(moduleId));
    return [...sorted.filter((file) => !isLast(file)), ...sorted.filter(isLast)];
  }
}
