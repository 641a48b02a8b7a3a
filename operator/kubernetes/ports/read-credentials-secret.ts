import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { PASSWORDS_FILE, REPLACEMENT_FILE } from '../../partition/objects/member-paths.ts';
import type { KeptPasswords } from '../../partition/objects/replace-passwords.ts';

const Password = Type.String({ minLength: 8, pattern: '^[!-~]+$' });
const passwords = { admin: Password, replication: Password, mail: Password, salvage: Password };
const Passwords = Type.Object({
  ...passwords,
  next: Type.Optional(Type.Object(passwords)),
  previous: Type.Optional(Type.Object(passwords)),
});
const Note = Type.Object({
  request: Type.Union([Type.String(), Type.Null()]),
  since: Type.Union([Type.Number(), Type.Null()]),
});

type Data = Readonly<Record<string, string>> | undefined;

/**
 * What the credentials Secret of a partition says, which `partitionCredentialsSecret` wrote.
 * @param place of the Secret, for messages
 * @throws RangeError for damaged passwords, with what to do
 */
export function readCredentialsSecret(data: Data, place: string): KeptPasswords {
  const kept = jsonIn(data, PASSWORDS_FILE, Passwords);
  // What is in it is not said: messages are shown, passwords are not.
  if (kept === null)
    throw new RangeError(
      `${place}: ${PASSWORDS_FILE} is missing or damaged; put back what was there, the databases have it`,
    );
  const { next, previous, ...current } = kept;
  // A note that is damaged counts as none: the worst of it is a replacement more, or one that takes a grace longer.
  const { request, since } = jsonIn(data, REPLACEMENT_FILE, Note) ?? { request: null, since: null };
  return {
    passwords: current,
    ...(next === undefined ? {} : { next }),
    ...(previous === undefined ? {} : { previous }),
    request,
    since,
  };
}

function jsonIn<S extends TSchema>(data: Data, file: string, schema: S): Static<S> | null {
  const text = Buffer.from(data?.[file] ?? '', 'base64').toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(schema, value) ? value : null;
  } catch {
    // Not JSON: as good as none.
    return null;
  }
}
