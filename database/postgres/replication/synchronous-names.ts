import type { SynchronousSet } from '../../synchronous-set.ts';

/** `synchronous_standby_names` for "any `required` of these"; empty = nobody waits. */
export function renderSynchronousNames(set: SynchronousSet): string {
  if (set.required === 0) return '';
  if (set.members.length === 0) throw new RangeError(`${set.required} of no members can never acknowledge`);
  return `ANY ${set.required} (${set.members.map((name) => `"${name.replaceAll('"', '""')}"`).join(', ')})`;
}

/** Reads back what `renderSynchronousNames` wrote; anything else is reported as asynchronous. */
export function parseSynchronousNames(value: string): SynchronousSet {
  const match = /^ANY (\d+) \((.*)\)$/.exec(value);
  if (match === null) return { required: 0, members: [] };
  const members = [...(match[2] ?? '').matchAll(/"((?:[^"]|"")*)"/g)].map((m) => (m[1] ?? '').replaceAll('""', '"'));
  return { required: Number(match[1]), members };
}
