import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { EngineUnderTest } from '#database/test-support/engines-under-test.ts';

/** Names the socket on which servers are lent to the processes of test files. */
export const LENDER_VARIABLE = 'IMAPCLUSTER_TEST_SERVERS';

/** What the lender answers, a line of JSON. */
export type Answer = { readonly at: string; readonly pid: number } | { readonly error: string };

export type BorrowedServer = {
  /** The file of its socket, or the folder of it, as the engine wants it. */
  readonly at: string;
  readonly pid: number;
  /** What was made there is thrown away, and whoever is still connected thrown out. */
  giveBack(): void;
};

/**
 * A running server that nobody else has until it is given back, or this process ends; empty, with the accounts of a repository at
 * most. null where nobody lends: outside of the tests. @throws Error where it could not be started
 */
export async function borrowServer(engine: EngineUnderTest): Promise<BorrowedServer | null> {
  const path = process.env[LENDER_VARIABLE];
  if (path === undefined) return null;
  const socket = connect(path);
  await once(socket, 'connect');
  socket.write(`${engine}\n`);
  const [line] = (await once(createInterface(socket), 'line')) as [string];
  const answer = JSON.parse(line) as Answer;
  if ('error' in answer) throw new Error(answer.error);
  // It may be kept until the process ends, which it does not hold up.
  socket.unref();
  return { ...answer, giveBack: () => void socket.end() };
}
