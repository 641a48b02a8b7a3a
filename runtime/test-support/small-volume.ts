import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const KiB = 1024;

/** A file system of its own, so small that a test can fill it. Linux, and root only. */
export class SmallVolume implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Mounts it at `path`, which is made where it is missing; its root belongs to `owner`. */
  static async mount(
    path: string,
    options: { readonly kibibytes: number; readonly uid?: number },
  ): Promise<SmallVolume> {
    await mkdir(path, { recursive: true });
    const uid = options.uid ?? 0;
    const how = `size=${options.kibibytes}k,mode=0700,uid=${uid},gid=${uid}`;
    await run('mount', ['-t', 'tmpfs', '-o', how, 'imapcluster-test', path]);
    return new SmallVolume(path);
  }

  /** What a person does about a full volume. */
  async grow(kibibytes: number): Promise<void> {
    await run('mount', ['-o', `remount,size=${kibibytes}k`, this.path]);
  }

  /** Takes all the space there is, to the last block, until `free`. */
  async fill(): Promise<void> {
    await using file = await open(this.#filler, 'w');
    const block = Buffer.alloc(4 * KiB, 'x');
    try {
      for (;;) await file.write(block);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }

  async free(): Promise<void> {
    await rm(this.#filler, { force: true });
  }

  /** Lazily: what still runs on it, because a test failed, keeps nothing mounted for everybody else. */
  async unmount(): Promise<void> {
    await run('umount', ['--lazy', this.path]);
  }

  [Symbol.asyncDispose] = (): Promise<void> => this.unmount();

  get #filler(): string {
    return join(this.path, 'filler');
  }
}

/** Why no volume can be mounted here, in words to be printed by whoever skips a test; null where one can. */
export async function whyNoSmallVolume(): Promise<string | null> {
  if (process.getuid?.() !== 0) return 'a full disk needs a small file system, which only root may mount';
  const folder = await mkdtemp(join(tmpdir(), 'imapcluster-volume-'));
  try {
    await using _volume = await SmallVolume.mount(folder, { kibibytes: 64 });
    return null;
  } catch (error) {
    return `a full disk needs a small file system, which cannot be mounted here: ${(error as Error).message}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
