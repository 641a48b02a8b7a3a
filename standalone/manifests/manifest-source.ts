import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text as readStream } from 'node:stream/consumers';

/** The text of one manifest file; `file` is its name as the user would write it. */
export type ManifestSource = { readonly file: string; readonly text: string };

/** A `-f` argument that cannot be read. */
export class ManifestSourceError extends Error {
  override readonly name = 'ManifestSourceError';
}

/**
 * Reads what `-f` names: files, folders (their *.yaml, *.yml and *.json in order of name, not deeper), and `-` for
 * standard input.
 * @throws ManifestSourceError for the first that cannot be read
 */
export async function readManifestSources(
  names: readonly string[],
  standardInput: NodeJS.ReadableStream,
): Promise<readonly ManifestSource[]> {
  const sources: ManifestSource[] = [];
  for (const name of names) {
    if (name === '-') sources.push({ file: '(standard input)', text: await readStream(standardInput) });
    else
      for (const file of await filesOf(name))
        sources.push({ file, text: await readable(file, readFile(file, 'utf8')) });
  }
  return sources;
}

async function filesOf(name: string): Promise<readonly string[]> {
  const entry = await readable(name, stat(name));
  if (!entry.isDirectory()) return [name];
  const files = (await readable(name, readdir(name))).filter((file) => /\.(ya?ml|json)$/.test(file)).sort();
  if (files.length === 0) throw new ManifestSourceError(`${name}: no *.yaml, *.yml or *.json in this folder`);
  return files.map((file) => join(name, file));
}

async function readable<T>(name: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    throw new ManifestSourceError(`${name}: cannot be read: ${(cause as Error).message}`, { cause });
  }
}
