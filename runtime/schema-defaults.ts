import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

/**
 * The value of a schema in which every field has a default: limits and settings, as they are where nobody says otherwise.
 * @throws AssertError where a field has none
 */
export function schemaDefaults<S extends TSchema>(schema: S): Static<S> {
  const value: unknown = Value.Default(schema, {});
  Value.Assert(schema, value);
  return value as Static<S>;
}
