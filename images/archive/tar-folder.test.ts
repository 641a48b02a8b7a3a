import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tarFolder } from './tar-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tar-folder-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('files, folders and links, with their permissions, owned by root', async () => {
  const rootfs = join(folder, 'rootfs');
  await mkdir(join(rootfs, 'tmp'), { recursive: true });
  await chmod(join(rootfs, 'tmp'), 0o1777);
  await writeFile(join(rootfs, 'program'), 'abc', { mode: 0o755 });
  await symlink('program', join(rootfs, 'link'));
  const deep = 'd'.repeat(120);
  await mkdir(join(rootfs, deep));
  await writeFile(join(rootfs, deep, 'f'), '');
  const file = join(folder, 'a.tar');
  expect(await tarFolder(rootfs, file, { owners: 'root' })).toMatch(/^sha256:[0-9a-f]{64}$/);

  const entries = extract();
  createReadStream(file).pipe(entries);
  const found = [];
  for await (const entry of entries) {
    const { name, mode, type, linkname, uid } = entry.header;
    found.push({ name: name.replace(/\/$/, ''), mode, type, linkname, uid, content: await text(entry) });
  }
  const none = { linkname: null, uid: 0, content: '' };
  expect(found).toEqual([
    { ...none, name: deep, mode: expect.any(Number), type: 'directory' },
    { ...none, name: `${deep}/f`, mode: expect.any(Number), type: 'file' },
    { ...none, name: 'link', mode: expect.any(Number), type: 'symlink', linkname: 'program' },
    { ...none, name: 'program', mode: 0o755, type: 'file', content: 'abc' },
    { ...none, name: 'tmp', mode: 0o1777, type: 'directory' },
  ]);
});
