import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'vitest';
import { clientTable } from '../client-table.ts';
import type { MailClient } from '../mail-client.ts';
import { findClient } from './find-client.ts';

/** Of one client: a machine that has much else to do takes its time. */
const CLIENT_MS = 300_000;

/** A test for each client of a kind; it says so where one is missing, and how to get it. */
export async function testClients<Kind extends MailClient['does']['kind']>(
  kind: Kind,
  round: (client: MailClient, does: Extract<MailClient['does'], { kind: Kind }>, context: TestContext) => Promise<void>,
): Promise<void> {
  for (const client of clientTable.filter(({ does }) => does.kind === kind)) {
    const found = await findClient(client);
    const missing = found.found ? '' : ` (left out: it is not on this machine; ${found.how})`;
    test.skipIf(!found.found)(`${client.name}${missing}`, { timeout: CLIENT_MS }, async (context) => {
      await round(client, client.does as Extract<MailClient['does'], { kind: Kind }>, context);
    });
  }
}

/** A folder for one test file, and one below it for each client. */
export class TestFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<TestFolder> {
    const path = await mkdtemp(join(tmpdir(), 'imapcluster-clients-'));
    // Some programs run as somebody else, who must be able to pass.
    await chmod(path, 0o711);
    return new TestFolder(path);
  }

  async below(name: string): Promise<string> {
    // At a second try there is one already.
    const path = await mkdtemp(join(this.path, `${name}-`));
    await chmod(path, 0o755);
    return path;
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
