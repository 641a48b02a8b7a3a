import type { Labels } from '../../objects/labels.ts';

export const MANAGED_BY = 'app.kubernetes.io/managed-by';

/**
 * What an object of ours that is there lacks of its labels, restored from a backup say: those who watch do not see it until it has
 * them back. null: it lacks none, or says that it is somebody else's to look after, and is left so. Others' labels stay. Pure.
 */
export function missingLabels(has: Labels | undefined, wanted: Labels): Labels | null {
  const manager = has?.[MANAGED_BY];
  if (manager !== undefined && manager !== wanted[MANAGED_BY]) return null;
  const missing = Object.entries(wanted).filter(([name, value]) => has?.[name] !== value);
  return missing.length === 0 ? null : Object.fromEntries(missing);
}
