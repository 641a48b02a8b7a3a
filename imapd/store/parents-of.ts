/** `a/b/c` has the parents `a` and `a/b`; INBOX always exists. */
export const parentsOf = (name: string): readonly string[] => {
  const levels = name.split('/');
  return levels.slice(1).map((_, i) => levels.slice(0, i + 1).join('/'));
};
