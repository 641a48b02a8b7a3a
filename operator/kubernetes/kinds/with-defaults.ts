import { Value } from 'typebox/value';
import type { Kind } from '#crds/kind.ts';

/** With the defaults of this version: a definition that is older than the operator has none for what it does not know. */
export const withDefaults = <T extends { readonly spec: object }>({ spec }: Kind, object: T): T => ({
  ...object,
  spec: Value.Default(spec, structuredClone(object.spec)) as T['spec'],
});
