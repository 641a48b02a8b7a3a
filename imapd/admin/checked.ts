import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { Problem } from './problem.ts';

/**
 * The value, if it has the shape; otherwise a refusal that names every field at fault.
 * @throws Problem 400
 */
export function checked<S extends TSchema>(schema: S, value: unknown): Static<S> {
  if (Value.Check(schema, value)) return value;
  const mistakes = Value.Errors(schema, value).map((e) => `${e.instancePath || '/'} ${e.message}`);
  throw new Problem(400, 'BadRequest', mistakes.join('; '));
}
