import { readFile } from 'node:fs/promises';
import type { Static, TSchema } from 'typebox';
import type { TLocalizedValidationError } from 'typebox/error';
import { Value } from 'typebox/value';
import { allErrors } from './all-errors.ts';
import type { Settings } from './program-options.ts';

/** A configuration file that cannot be used; `message` names the file and every field at fault. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/**
 * Reads a JSON file, puts `settings` in their places, applies the schema's defaults and checks it whole.
 * @throws ConfigurationError with all mistakes at once
 */
export async function loadConfiguration<S extends TSchema>(
  file: string,
  schema: S,
  settings: Settings = {},
): Promise<Static<S>> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new ConfigurationError(`${file}: cannot be read: ${cause.message}`, { cause });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ConfigurationError(`${file}: not JSON: ${(cause as Error).message}`, { cause });
  }
  for (const [field, text] of Object.entries(settings)) put(value, field.split('.'), text);
  const complete = Value.Default(schema, value);
  if (Value.Check(schema, complete)) return complete;
  const mistakes = allErrors(schema, complete).flatMap(explain);
  throw new ConfigurationError(`${file}:\n${mistakes.join('\n')}`);
}

/** Objects on the way are made; where something else is in the way, the schema has already been broken and will say so. */
function put(value: unknown, [first, ...rest]: readonly string[], text: string): void {
  if (first === undefined || typeof value !== 'object' || value === null) return;
  const fields = value as Record<string, unknown>;
  if (rest.length === 0) {
    fields[first] = text;
    return;
  }
  fields[first] ??= {};
  put(fields[first], rest, text);
}

/** A line a mistake, with the place as a JSON pointer. */
function explain({ instancePath, message, ...error }: TLocalizedValidationError): readonly string[] {
  switch (error.keyword) {
    // Said once more, with its name, by the object that holds the field.
    case 'boolean':
      return [];
    case 'additionalProperties':
      return error.params.additionalProperties.map((key) => `  ${instancePath}/${key}: an unknown field`);
    case 'required':
      return error.params.requiredProperties.map((key) => `  ${instancePath}/${key}: missing`);
    default:
      return [`  ${instancePath || '/'}: ${message}`];
  }
}
