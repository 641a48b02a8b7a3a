import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One version of Kubernetes of each minor between the oldest that the chart installs on and the newest that is tested. */
const BEFORE_THE_NEWEST = ['v1.30.14', 'v1.31.14', 'v1.32.13', 'v1.33.13', 'v1.34.4', 'v1.35.4', 'v1.36.3'];

/** Oldest first; the last one is what all tests on an API server run on. */
export async function supportedVersions(): Promise<readonly string[]> {
  const file = join(import.meta.dirname, '../../e2e/clusters/programs/modules/kubernetes/go.mod');
  const newest = /k8s\.io\/kubernetes (v\S+)/.exec(await readFile(file, 'utf8'))?.[1] ?? '';
  return [...BEFORE_THE_NEWEST, newest];
}

/** 30 of "v1.30.14" and of ">=1.30.0-0". */
export const minorOf = (version: string): number => Number(/1\.(\d+)\./.exec(version)?.[1]);
