import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Value } from 'typebox/value';
import { ConfigurationError } from '#runtime/configuration.ts';
import { settled } from '#runtime/settled.ts';
import { Memory } from './memory.ts';

/** The agent's memory, on disk before anybody is told of a change: written aside, flushed, renamed. */
export class MemoryFile {
  readonly #path: string;
  #current: Memory;
  /** Where a write failed half-way, what is on disk is not known. */
  #isWritten = true;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, current: Memory) {
    this.#path = path;
    this.#current = current;
  }

  /** @throws ConfigurationError where the file exists and is not what an agent writes */
  static async open(path: string): Promise<MemoryFile> {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '{}';
      throw error;
    });
    const value = Value.Default(Memory, parse(text, path));
    if (!Value.Check(Memory, value)) throw new ConfigurationError(`${path}: not the notes of a member agent`);
    return new MemoryFile(path, value);
  }

  get current(): Memory {
    return this.#current;
  }

  /** Resolves when the change is on disk; what is there already costs no flush. Changes follow one another in the order of the calls. */
  async update(change: Partial<Memory>): Promise<void> {
    const write = this.#writing.then(async () => {
      const next = { ...this.#current, ...change };
      if (this.#isWritten && isDeepStrictEqual(next, this.#current)) return;
      this.#isWritten = false;
      await replaceFile(this.#path, `${JSON.stringify(next, null, 2)}\n`);
      this.#current = next;
      this.#isWritten = true;
    });
    // A failed write is its caller's to handle; the next one starts from the last good state.
    this.#writing = settled(write);
    await write;
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConfigurationError(`${path}: not JSON`, { cause });
  }
}

async function replaceFile(path: string, content: string): Promise<void> {
  const aside = `${path}.new`;
  const file = await open(aside, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(aside, path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
