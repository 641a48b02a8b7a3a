import { readFile } from 'node:fs/promises';
import type { DocumentSource } from './document-source.ts';

/** A file: the mounted ConfigMap, which the kubelet renews within a minute or two. */
export const documentFile = (file: string): DocumentSource => ({
  name: file,
  async read(signal) {
    try {
      return (await readFile(file, { encoding: 'utf8', signal })).trim();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  },
});
