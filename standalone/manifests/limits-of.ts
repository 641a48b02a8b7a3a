import type { CheckedObject } from './check-object.ts';
import { type Mistake, mistakeAt, type Path } from './mistake.ts';

/** Fields that mean something on Kubernetes only; a manifest for both may well give them. */
const WITHOUT_EFFECT: readonly { readonly path: Path; readonly why: string }[] = [
  {
    path: ['spec', 'repository', 'managed', 'storage', 'size'],
    why: 'has no effect here: the databases share the disk of the state folder',
  },
];

/** A warning for each field that was written down and that standalone does nothing about. */
export const limitsOf = ({ document }: CheckedObject): readonly Mistake[] =>
  WITHOUT_EFFECT.filter(({ path }) => isGiven(document.value, path)).map(({ path, why }) =>
    mistakeAt(document, path, why),
  );

function isGiven(value: unknown, path: Path): boolean {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return false;
    at = (at as Readonly<Record<string | number, unknown>>)[key];
  }
  return at !== undefined;
}
