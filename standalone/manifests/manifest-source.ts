import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text as readStream } from 'node:stream/consumers';

/** The text of one manifest file; `file` is its name as the user would write it. */
export type ManifestSource = { readonly file: string; readonly text: string };

/** `-f` arguments that cannot be read: all of them, a line each. */
export class ManifestSourceError extends Error {
  override readonly name = 'ManifestSourceError';
}

/**
 * Reads what `-f` names: files, folders (their *.yaml, *.yml and *.json in order of name, not deeper), and `-` for
 * standard input.
 * @throws ManifestSourceError with all that cannot be read
 */
export async function readManifestSources(
  names: readonly string[],
  standardInput: NodeJS.ReadableStream,
): Promise<readonly ManifestSource[]> {
  const sources: ManifestSource[] = [];
  const unreadable: ManifestSourceError[] = [];
  for (const name of names) {
    try {
      sources.push(...(await sourcesOf(name, standardInput)));
    } catch (error) {
      if (!(error instanceof ManifestSourceError)) throw error;
      unreadable.push(error);
    }
  }
  if (unreadable.length === 0) return sources;
  throw new ManifestSourceError(unreadable.map(({ message }) => message).join('\n'), { cause: unreadable[0] });
}

async function sourcesOf(name: string, standardInput: NodeJS.ReadableStream): Promise<readonly ManifestSource[]> {
  if (name === '-') return [{ file: '(standard input)', text: await readStream(standardInput) }];
  const sources: ManifestSource[] = [];
  for (const file of await filesOf(name)) sources.push({ file, text: await readable(file, readFile(file, 'utf8')) });
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
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : message;
    throw new ManifestSourceError(`${name}: cannot be read: ${why}`, { cause });
  }
}
