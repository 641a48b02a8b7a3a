import { readFile } from 'node:fs/promises';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

/** A configuration file that cannot be used; `message` names the file and every field at fault. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/**
 * Reads a JSON file, applies the schema's defaults and checks it whole.
 * @throws ConfigurationError with all mistakes at once
 */
export async function loadConfiguration<S extends TSchema>(file: string, schema: S): Promise<Static<S>> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new ConfigurationError(`${file}: cannot be read: ${cause.message}`, { cause });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ConfigurationError(`${file}: not JSON: ${(cause as Error).message}`, { cause });
  }
  const complete = Value.Default(schema, value);
  if (Value.Check(schema, complete)) return complete;
  const mistakes = Value.Errors(schema, complete).map((e) => `  ${e.instancePath || '/'}: ${e.message}`);
  throw new ConfigurationError(`${file}:\n${mistakes.join('\n')}`);
}
