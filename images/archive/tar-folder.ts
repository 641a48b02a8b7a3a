import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, type Stats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Header, type Pack, pack } from 'tar-stream';

export type TarOptions = {
  /** `kept`: the numbers that the files have, for a folder that a package manager has filled. */
  readonly owners: 'root' | 'kept';
};

type Headers = Pick<Header, 'name' | 'mode' | 'mtime' | 'uid' | 'gid'> &
  Partial<Pick<Header, 'type' | 'linkname' | 'size'>>;

const PERMISSIONS = 0o7777;
const EPOCH = new Date(0);

/**
 * Writes everything below a folder into a tar file; returns its digest, "sha256:…". Equal folders give equal files: names in
 * order, no times. Devices and sockets are left out, for a container gets its own.
 */
export async function tarFolder(folder: string, file: string, { owners }: TarOptions): Promise<string> {
  const archive = pack();
  const hash = createHash('sha256');
  const hashing = new PassThrough();
  hashing.on('data', (bytes: Buffer) => hash.update(bytes));
  const written = pipeline(archive, hashing, createWriteStream(file));
  await Promise.all([addAll(archive, { folder, below: '', owners }).then(() => archive.finalize()), written]);
  return `sha256:${hash.digest('hex')}`;
}

type Place = TarOptions & { readonly folder: string; readonly below: string };

async function addAll(archive: Pack, { folder, below, owners }: Place): Promise<void> {
  // By code units: the order of a locale would differ between machines.
  const names = (await readdir(join(folder, below))).toSorted();
  for (const entry of names) {
    const name = below === '' ? entry : `${below}/${entry}`;
    const path = join(folder, name);
    const stats = await lstat(path);
    const headers = describe(name, stats, owners);
    if (stats.isDirectory()) {
      await add(archive, { ...headers, type: 'directory' });
      await addAll(archive, { folder, below: name, owners });
    } else if (stats.isSymbolicLink()) {
      await add(archive, { ...headers, type: 'symlink', linkname: await readlink(path) });
    } else if (stats.isFile()) {
      await addFile(archive, { ...headers, type: 'file', size: stats.size }, path);
    }
  }
}

function describe(name: string, { mode, uid, gid }: Stats, owners: TarOptions['owners']): Headers {
  const owner = owners === 'kept' ? { uid, gid } : { uid: 0, gid: 0 };
  return { name, mode: mode & PERMISSIONS, mtime: EPOCH, ...owner };
}

async function add(archive: Pack, headers: Headers): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  archive.entry(headers, (error) => (error == null ? resolve() : reject(error)));
  await promise;
}

async function addFile(archive: Pack, headers: Headers, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const entry = archive.entry(headers, (error) => (error == null ? resolve() : reject(error)));
  await pipeline(createReadStream(path), entry);
  await promise;
}
