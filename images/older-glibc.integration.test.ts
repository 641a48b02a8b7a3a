import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { debianMirror } from '#database/programs/debian-mirror.ts';
import { fetchPackages } from '#database/programs/fetch-packages.ts';
import { images } from './image-table.ts';
import { writeTree } from './tree/write-tree.ts';

/**
 * Promise: the agent runs in a database image whose C library is older than that of the machine that built us, as MySQL's is
 * (Oracle Linux 9, glibc 2.34): here in a Debian 11 with 2.31, by the C++ library that is there.
 */
const mirror = await debianMirror();
const isPossible = process.platform === 'linux' && process.arch === 'x64' && process.getuid?.() === 0;
const why = isPossible ? 'no mirror of Debian is named in /etc/apt' : 'that takes Linux on x86-64, and root';
if (!isPossible || mirror === null) process.stderr.write(`images: an older glibc is not tried: ${why}\n`);

/** Of what a database server is linked to anyhow. */
const PACKAGES = ['libc6', 'libstdc++6', 'libgcc-s1'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imapcluster-older-glibc-'));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

test.skipIf(!isPossible || mirror === null)(
  'the agent starts where glibc is older than that of its maker',
  async () => {
    const rootfs = join(folder, 'rootfs');
    const request = {
      suite: 'bullseye',
      packages: PACKAGES,
      say: () => undefined,
      signal: new AbortController().signal,
    };
    await fetchPackages(rootfs, join(folder, 'apt'), { mirror: mirror ?? '', ...request });
    for (const place of ['opt', 'proc']) await mkdir(join(rootfs, place));
    await writeTree(images.member, join(rootfs, 'opt/imapcluster'));
    const inside = 'mount -t proc proc "$0/proc" && exec chroot "$0" /opt/imapcluster/launch member --help';
    const words = ['--mount', '--pid', '--fork', 'sh', '-c', inside, rootfs];
    const { stdout } = await promisify(execFile)('unshare', words);
    expect(stdout).toMatch(/^Usage: /);
  },
);
