import { chmod, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

const OPEN = 0o755;

/** A folder of an image, and those around it that are not there yet, in the same way. */
export async function putFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await chmod(made, OPEN);
}
