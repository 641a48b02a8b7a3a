import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { StateFolder } from '../state/state-folder.ts';

/**
 * Writes the configuration of a child to `config/NAME.json`: defaults applied, and checked against the child's own
 * schema, so that a mistake of ours shows here and not in a loop of restarts.
 */
export async function writeConfiguration<S extends TSchema>(
  state: StateFolder,
  name: string,
  { schema, value }: { readonly schema: S; readonly value: unknown },
): Promise<string> {
  const complete: Static<S> = Value.Parse(schema, Value.Default(schema, structuredClone(value)));
  return await state.writeForChildren(`${JSON.stringify(complete, null, 2)}\n`, 'config', `${name}.json`);
}
