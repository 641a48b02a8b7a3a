import { relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';
import { slowestFiles } from './support/slowest-files.ts';

/** A reporter of vitest: which test files a run spent its time on, servers that they started and modules that they loaded included. */
export default class TellSlowest implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    if (modules.length === 0) return;
    const files = modules.map((module) => ({
      project: module.project.name,
      path: relative(module.project.config.root, module.moduleId),
      ms: module.diagnostic().duration + module.diagnostic().collectDuration,
    }));
    process.stdout.write(`\n${slowestFiles(files)}`);
  }
}
