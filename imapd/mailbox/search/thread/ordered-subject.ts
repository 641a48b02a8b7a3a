import { byDate, type Threadable, type ThreadNode } from './thread-node.ts';

/** THREAD=ORDEREDSUBJECT (RFC 5256, 3): a thread for each base subject, its first message and all others below that. */
export function orderedSubjectThreads(messages: readonly Threadable[]): readonly ThreadNode[] {
  const groups = Array.from(Map.groupBy(messages, ({ subject }) => subject).values(), (group) => group.sort(byDate));
  const first = (group: readonly Threadable[]): Threadable => group[0] as Threadable;
  return groups
    .sort((a, b) => byDate(first(a), first(b)))
    .map(([head, ...others]) => ({
      content: head ?? null,
      children: others.map((content) => ({ content, children: [] })),
    }));
}
