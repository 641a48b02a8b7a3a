type Standbys = {
  /** Who is sent its log, by name. */
  readonly standbys: readonly string[];
  readonly members: readonly string[];
  /** How many of them acknowledge. */
  readonly acknowledging: number;
  /** Members have been seen, all of them: before that one may stand there under its number alone. */
  readonly allSeen: boolean;
};

/** Replicas that are no members, where more acknowledge than members can: nobody tells which of them do. */
export function strangeAcknowledgers({ standbys, members, acknowledging, allSeen }: Standbys): readonly string[] {
  const strange = standbys.filter((name) => !members.includes(name));
  return allSeen && acknowledging > standbys.length - strange.length ? strange : [];
}
