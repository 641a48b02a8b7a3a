import type { Static, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';

/**
 * What was made of each schema. Reports and answers come by the thousand a second where there are many partitions, and to walk
 * through the schema for each took more than to parse it.
 */
const validators = new WeakMap<TSchema, Pick<Validator, 'Check'>>();

/** The body where it has the promised shape; null otherwise. */
export function shaped<S extends TSchema>(schema: S, body: unknown): Static<S> | null {
  let validator = validators.get(schema);
  if (validator === undefined) {
    validator = Compile(schema);
    validators.set(schema, validator);
  }
  return validator.Check(body) ? (body as Static<S>) : null;
}
