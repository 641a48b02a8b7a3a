import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DataDirectory } from './data-directory.ts';

/** Promise: what an agent that was killed left half made takes no room for ever, whomever it was made for; data stays. */
test('nothing that was begun is left, neither of data of its own nor of a copy for another member', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'imapcluster-data-'));
  try {
    const data = new DataDirectory({
      ...{ flavour: 'mariadb', path: join(folder, 'data'), member: 'a0', database: 'imap', parameters: {} },
      address: { listenAddresses: '127.0.0.1', port: 1, socketDirectory: folder },
      adminPassword: () => 'x',
    });
    for (const begun of [data.path, data.incoming, data.aside, data.lent]) {
      await mkdir(begun);
      await writeFile(join(begun, 'piece'), 'x');
    }
    await data.clearUnfinished();
    expect(await readdir(folder)).toEqual(['data']);
    expect(await readdir(data.path)).toEqual(['piece']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
