import type { TSchema } from 'typebox';
import type { TLocalizedValidationError } from 'typebox/error';
import { Settings } from 'typebox/system';
import { Value } from 'typebox/value';

/** TypeBox stops collecting after 8 errors unless told otherwise; a person wants to see every mistake at once. */
const MOST_ERRORS = 1_000;

/** Everything in which a value differs from a schema. The value must have its defaults already. */
export function allErrors(schema: TSchema, value: unknown): readonly TLocalizedValidationError[] {
  const { maxErrors } = Settings.Get();
  Settings.Set({ maxErrors: MOST_ERRORS });
  try {
    return Value.Errors(schema, value);
  } finally {
    // The setting is the whole process's; elsewhere the first few errors do.
    Settings.Set({ maxErrors });
  }
}
