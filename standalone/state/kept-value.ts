import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { StandaloneError } from '../standalone-error.ts';
import { readFileIfPresent } from './atomic-file.ts';

/**
 * A JSON file of the state folder, checked; null where there is none yet.
 * @throws StandaloneError ConfigurationInvalid where it was damaged
 */
export async function readKept<S extends TSchema>(path: string, schema: S): Promise<Static<S> | null> {
  const text = await readFileIfPresent(path);
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new StandaloneError('ConfigurationInvalid', `${path}: damaged: ${(cause as Error).message}`, { cause });
  }
  if (Value.Check(schema, value)) return value;
  const first = Value.Errors(schema, value)[0];
  throw new StandaloneError('ConfigurationInvalid', `${path}: damaged: ${first?.instancePath} ${first?.message}`);
}
