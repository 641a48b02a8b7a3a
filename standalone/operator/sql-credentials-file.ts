import { readFile } from 'node:fs/promises';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { ReadSqlCredentials, SqlCredentials } from '#operator/members/by-sql/sql-credentials.ts';

/** `administrators/PARTITION.json` of the state folder, written anew at each start. */
export const StoredSqlCredentials = Type.Object({
  username: Type.String(),
  password: Type.String(),
  rolePasswords: Type.Object({ replication: Type.String(), mail: Type.String(), salvage: Type.String() }),
});
export type StoredSqlCredentials = Static<typeof StoredSqlCredentials>;

/** Each file is read once: other manifests are another start. `files`: by partition. */
export function sqlCredentialsIn(files: Readonly<Record<string, string>>): ReadSqlCredentials {
  const known = new Map<string, Promise<SqlCredentials>>();
  return async (partition) => {
    const file = files[partition];
    if (file === undefined) return { ok: false, message: `no Secret is given for ${partition}` };
    return await known.getOrInsertComputed(file, read);
  };
}

async function read(file: string): Promise<SqlCredentials> {
  const stored = Value.Parse(StoredSqlCredentials, JSON.parse(await readFile(file, 'utf8')));
  return { ok: true, ...stored };
}
