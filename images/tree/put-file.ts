import { chmod, copyFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { putFolder } from './put-folder.ts';

const FILE = 0o644;
const PROGRAM = 0o755;

export type FileSource = { readonly from: string } | { readonly text: string };

/** Writes a file of an image. Permissions are set, not inherited: the umask of a machine must not change an image. */
export async function putFile(target: string, source: FileSource, { program = false } = {}): Promise<void> {
  await putFolder(dirname(target));
  if ('from' in source) await copyFile(source.from, target);
  else await writeFile(target, source.text);
  await chmod(target, program ? PROGRAM : FILE);
}
