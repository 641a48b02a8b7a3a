import { byDate, type Threadable } from './thread-node.ts';

/** A `ThreadNode` whose place is still sought. */
export type MutableNode = { content: Threadable | null; readonly children: MutableNode[] };

/** Whose date and subject count: of a dummy its first child's. @throws Error for a dummy without children */
export function leadOf(node: MutableNode): Threadable {
  const lead = node.content ?? node.children[0]?.content ?? null;
  if (lead === null) throw new Error('a thread without a message');
  return lead;
}

export const byLead = (a: MutableNode, b: MutableNode): number => byDate(leadOf(a), leadOf(b));
