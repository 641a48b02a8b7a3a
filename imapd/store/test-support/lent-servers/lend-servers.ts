import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { EngineUnderTest } from '#database/test-support/engines-under-test.ts';
import { type Answer, LENDER_VARIABLE } from './borrow-server.ts';
import { ServerSupply } from './server-supply.ts';

/**
 * vitest's globalSetup: lends database servers to the processes of test files, one of which ends before another begins. None is
 * started before it is wanted.
 */
export async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'imapcluster-lender-'));
  const path = join(folder, 's');
  const supply = new ServerSupply();
  const listener = createServer((borrower) => void lend(borrower, supply));
  await new Promise<void>((resolve) => listener.listen(path, resolve));
  process.env[LENDER_VARIABLE] = path;
  // Whoever is interrupted tears nothing down.
  const abandon = (): void => {
    supply.abandon();
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', abandon);
  return async () => {
    process.off('exit', abandon);
    delete process.env[LENDER_VARIABLE];
    listener.close();
    await supply.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

/** For as long as the borrower is connected. */
async function lend(borrower: Socket, supply: ServerSupply): Promise<void> {
  const gone = new Promise<void>((resolve) => borrower.once('close', resolve));
  // Then it is gone.
  borrower.on('error', () => undefined);
  const answer = (words: Answer): void => void borrower.write(`${JSON.stringify(words)}\n`);
  for await (const engine of createInterface(borrower)) {
    try {
      const server = await supply.take(engine as EngineUnderTest);
      answer({ at: server.at, pid: server.pid });
      await gone;
      supply.giveBack(server);
    } catch (error) {
      answer({ error: (error as Error).message });
    }
    return;
  }
}
