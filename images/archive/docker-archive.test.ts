import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeDockerArchive } from './docker-archive.ts';

test('the same files, whenever they were written, give the same archive', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'docker-archive-'));
  try {
    const digests = await Promise.all(
      [0, 1_000_000].map(async (time) => {
        const rootfs = join(folder, `rootfs-${time}`);
        await mkdir(rootfs);
        for (const name of time === 0 ? ['a', 'b'] : ['b', 'a']) await writeFile(join(rootfs, name), name);
        await utimes(join(rootfs, 'a'), time, time);
        const archive = join(folder, `${time}.tar`);
        await writeDockerArchive({ name: 'localhost/x:1', rootfs, archive, entrypoint: ['/a'] });
        return createHash('sha256')
          .update(await readFile(archive))
          .digest('hex');
      }),
    );
    expect(digests[0]).toBe(digests[1]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
