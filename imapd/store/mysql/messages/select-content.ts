// @ts-nocheck
import type { ReadMessages } from '../../content-store.ts';
import type { ContentRow } from '../../messages/read-messages.ts';
import type { Connection } from '../connection.ts';

export async function selectContent(c: Connection, request: ReadMessages): Promise<readonly ContentRow[]> {
  throw new Error('selectContent: not written yet');
}
