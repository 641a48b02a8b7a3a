import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Behind a minute without an API server kubelets hear of new pods up to another minute later: those come next that make none. What there is of
 * mail is whole then.
 */
const FIRST = ['install.test.ts', 'api-server-down.test.ts', 'primary-killed.test.ts', 'forged-pushes.test.ts'];
/** What leaves the shared cluster whole, but not as it was: another agent, another image of a database, two members on one node. */
const LAST = ['operator-upgraded.test.ts', 'members.test.ts', 'node-lost.test.ts', 'engines.test.ts'];

/**
 * The order in which test files run. Those on a whole Kubernetes share what they find there: the same order everywhere, by name,
 * whatever they took the last time.
 */
export class OrderOfFiles extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const shared = files.filter(({ project }) => project.name === 'e2e');
    const others = files.filter(({ project }) => project.name !== 'e2e');
    return [...(await super.sort(others)), ...shared.toSorted(byRank)];
  }
}

function byRank(a: TestSpecification, b: TestSpecification): number {
  const [first, second] = [basename(a.moduleId), basename(b.moduleId)];
  return rankOf(first) - rankOf(second) || first.localeCompare(second);
}

const rankOf = (file: string): number =>
  FIRST.includes(file) ? FIRST.indexOf(file) - FIRST.length : LAST.indexOf(file) + 1;
