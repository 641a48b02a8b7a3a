import { type Static, Type } from 'typebox';
import { loadConfiguration } from '#runtime/configuration.ts';
import { dropPrivileges, type RunAs } from '#runtime/privileges.ts';

const Credentials = Type.Object({
  user: Type.String({ minLength: 1 }),
  password: Type.String(),
  otherPassword: Type.Optional(Type.String()),
});
export type Credentials = Static<typeof Credentials>;

/** What the files say, in their order. They are read first: they may be root's, and `runAs` is obeyed after that. */
export async function readCredentials(files: readonly string[], runAs: RunAs | null): Promise<readonly Credentials[]> {
  const credentials = await Promise.all(files.map((file) => loadConfiguration(file, Credentials)));
  dropPrivileges(runAs);
  return credentials;
}

/** The credentials at this place; there are as many as there were files. */
export function credentialsAt(all: readonly Credentials[], i: number): Credentials {
  const found = all[i];
  if (found === undefined) throw new Error('no credentials');
  return found;
}
