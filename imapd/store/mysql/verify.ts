// @ts-nocheck
import type { Difference } from '../verify.ts';
import type { Connection } from './connection.ts';

export async function verify(c: Connection, onProgress: (done: number) => void): Promise<readonly Difference[]> {
  throw new Error('verify: not written yet');
}
