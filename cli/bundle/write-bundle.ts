import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { stringify } from 'yaml';
import type { Evidence } from '../connection/cluster-connection.ts';
import { redactObject } from './redact-object.ts';
import { redactText } from './redact-text.ts';

export type BundleOptions = {
  readonly file: string;
  /** The one folder that everything in it lies in. */
  readonly folder: string;
  readonly now: Date;
};

/**
 * Writes a gzipped tar of everything that is given, without passwords, tokens and keys; for nobody but its owner to read.
 * Returns the number of files in it. What was begun is removed where it cannot be finished.
 */
export async function writeBundle(evidence: AsyncIterable<Evidence>, options: BundleOptions): Promise<number> {
  const { file, folder, now: mtime } = options;
  const archive = pack();
  let files = 0;
  const fill = async (): Promise<void> => {
    for await (const piece of evidence) {
      files += 1;
      archive.entry({ name: `${folder}/${piece.path}`, mode: 0o600, mtime }, contentOf(piece));
    }
    archive.finalize();
  };
  const filling = fill().catch((error: Error) => archive.destroy(error));
  try {
    await pipeline(archive, createGzip(), createWriteStream(file, { mode: 0o600, flags: 'wx' }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') await rm(file, { force: true });
    throw error;
  } finally {
    await filling;
  }
  return files;
}

function contentOf(piece: Evidence): string {
  if ('text' in piece) return redactText(piece.text);
  return stringify(redactObject(piece.object), { lineWidth: 0, aliasDuplicateObjects: false });
}
