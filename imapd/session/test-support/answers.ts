import { expect } from 'vitest';
import type { RawClient } from './raw-client.ts';

/** The untagged responses to a command that succeeds. */
export async function answers(client: RawClient, command: string): Promise<string[]> {
  const lines = await client.command(`a ${command}`);
  expect(lines.at(-1), command).toMatch(/^a OK/);
  return lines.slice(0, -1);
}

/** The tagged response to a command. */
export const last = async (client: RawClient, command: string): Promise<string> =>
  (await client.command(`a ${command}`)).at(-1) ?? '';
