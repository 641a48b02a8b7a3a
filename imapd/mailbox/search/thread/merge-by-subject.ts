import { leadOf, type MutableNode } from './mutable-node.ts';

type Subjects = Map<string, MutableNode>;

/** Step (5) of THREAD=REFERENCES (RFC 5256, 3): puts threads with the same subject together. `heads` are in their order. */
export function mergeBySubject(heads: readonly MutableNode[]): MutableNode[] {
  const subjects = subjectTable(heads);
  const merged = new Set(heads);
  for (const head of heads) {
    const { subject } = leadOf(head);
    const into = subjects.get(subject);
    if (into === undefined || into === head) continue;
    merged.delete(head);
    if (adopt(into, head)) continue;
    const dummy = { content: null, children: [into, head] };
    merged.delete(into);
    merged.add(dummy);
    subjects.set(subject, dummy);
  }
  return Array.from(merged);
}

/** (B): for each subject a dummy if there is one, else what is no reply, else the first. Without the empty subject. */
function subjectTable(heads: readonly MutableNode[]): Subjects {
  const subjects: Subjects = new Map();
  for (const head of heads) {
    const { subject } = leadOf(head);
    const known = subjects.get(subject);
    if (subject !== '' && (known === undefined || isBetter(head, known))) subjects.set(subject, head);
  }
  return subjects;
}

function isBetter({ content }: MutableNode, known: MutableNode): boolean {
  if (known.content === null) return false;
  return content === null || (known.content.replyOrForward && !content.replyOrForward);
}

/** (C): takes a thread among the children, where it can go there. */
function adopt(into: MutableNode, head: MutableNode): boolean {
  if (into.content === null) {
    for (const child of head.content === null ? head.children : [head]) into.children.push(child);
    return true;
  }
  if (head.content?.replyOrForward !== true || into.content.replyOrForward) return false;
  into.children.push(head);
  return true;
}
