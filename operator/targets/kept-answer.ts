import type { HeartbeatAnswer, RepositoryView } from '#contract/push-api.ts';

/**
 * What an imapd says now, to be kept until its next answer. What it says of the same repositories is written over what it said of
 * them before. Thousands of pods see dozens of repositories each, and what lives for a second outlives the young objects and is
 * garbage among the old ones, where it costs most: a collection of all there is, every few seconds.
 * @param before as it was kept; not to be used any more
 */
export function keptAnswer(before: HeartbeatAnswer | null, now: HeartbeatAnswer): HeartbeatAnswer {
  return before !== null && isWrittenOver(before.repositories, now.repositories)
    ? { ...now, repositories: before.repositories }
    : now;
}

type Views = HeartbeatAnswer['repositories'];

function isWrittenOver(kept: Views, said: Views): boolean {
  for (const name in kept) if (!(name in said)) return false;
  for (const name in said) {
    const [view, now] = [kept[name], said[name]];
    if (view === undefined || now === undefined || !hasAllOf(now, view)) return false;
    Object.assign(view, now);
  }
  return true;
}

/** An older version does not say everything: what it leaves out is not what was said before. */
function hasAllOf(now: RepositoryView, before: RepositoryView): boolean {
  for (const field in before) if (!(field in now)) return false;
  return true;
}
