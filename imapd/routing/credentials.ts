import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';

const Credentials = Type.Object({
  user: Type.String({ minLength: 1 }),
  password: Type.String(),
  otherPassword: Type.Optional(Type.String()),
});

export type DatabaseCredentials = {
  readonly user: string;
  readonly password: string;
  /** While a password is replaced, the next or the last one: tried where the first is refused. */
  readonly otherPassword?: string;
};

/** Reads the credentials of one partition, fresh at each call: a rotated password needs no restart. */
export type ReadCredentials = () => Promise<DatabaseCredentials>;

/** Credentials from `DIRECTORY/PARTITION.json`. The returned function rejects where the file is missing or malformed. */
export function credentialsFrom(directory: string, partition: string): ReadCredentials {
  const file = join(directory, `${partition}.json`);
  return async () => {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (Value.Check(Credentials, value)) return value;
    throw new TypeError(`${file}: not an object with user and password`);
  };
}
