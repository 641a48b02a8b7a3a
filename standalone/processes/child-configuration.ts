import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { StateFolder } from '../state/state-folder.ts';

/**
 * Writes the configuration of a child to `config/NAME.json`: defaults applied, and checked against the child's own
 * schema, so that a mistake of ours shows here and not in a loop of restarts.
 */
export async function writeConfiguration<S extends TSchema>(
  state: StateFolder,
  name: string,
  { schema, value }: { readonly schema: S; readonly value: unknown },
): Promise<string> {
  const complete: Static<S> = Value.Parse(schema, Value.Default(schema, structuredClone(value)));
  return await state.writeForChildren(`${JSON.stringify(complete, null, 2)}\n`, 'config', `${name}.json`);
}

/** A path of a Unix socket holds 107 characters on Linux and 103 on macOS, and a database adds 20 of its own. */
const LONGEST_FOLDER = 80;

/** `outside`: not in the state folder, so it has to be removed at the end. */
export type SocketFolder = { readonly path: string; readonly outside: boolean };

/** The folder for the databases' Unix sockets: in the state folder, or, where its path is too long, a temporary one. */
export async function socketFolder(state: StateFolder): Promise<SocketFolder> {
  const inside = state.file('run');
  if (inside.length <= LONGEST_FOLDER) return { path: await state.childFolder('run'), outside: false };
  const hash = createHash('sha256').update(state.path).digest('hex').slice(0, 12);
  const path = join(tmpdir(), `imapcluster-${hash}`);
  await mkdir(path, { recursive: true, mode: 0o700 });
  await state.give(path);
  return { path, outside: true };
}
