// @ts-nocheck
import type { ChunkRange, FoundChunks } from '../../messages/read-raw.ts';
import type { Connection } from '../connection.ts';

export async function selectChunks(c: Connection, range: ChunkRange): Promise<FoundChunks> {
  throw new Error('selectChunks: not written yet');
}
