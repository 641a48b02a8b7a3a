import { groupBy, ofKind } from './group.ts';
import { type HistoryEvent, mailboxKey, type ObservationEvent } from './history.ts';
import { inRealTime } from './in-real-time.ts';
import type { Check } from './invariant.ts';

/** I5: one UID, one message, for ever; UIDVALIDITY stays; UIDNEXT and mod-sequences never go back. */
export const checkIdentifiers: Check = (history) => {
  const observations = ofKind(history, 'observation');
  const sightings = sightingsOf(history);
  return {
    invariant: 'I5',
    promise: 'UID, UIDVALIDITY, MODSEQ: never reused or back',
    examined: sightings.length,
    violations: [
      ...reusedUids(sightings),
      ...[...groupBy(observations, mailboxKey).values()].flatMap((series) => [
        ...changedValidity(series),
        ...wentBack(series, 'uidNext'),
        ...wentBack(series, 'highestModSeq'),
        ...messageModSeqWentBack(series),
      ]),
    ],
  };
};

type Sighting = { readonly key: string; readonly hash: string };

function sightingsOf(history: readonly HistoryEvent[]): readonly Sighting[] {
  const appended = ofKind(history, 'append')
    .filter((a) => a.outcome === 'ok' && a.uid !== null)
    .map((a) => ({ key: `${mailboxKey(a)} UIDVALIDITY ${a.uidValidity} UID ${a.uid}`, hash: a.hash }));
  const observed = ofKind(history, 'observation').flatMap((o) =>
    o.messages.flatMap((m) =>
      m.hash === null ? [] : [{ key: `${mailboxKey(o)} UIDVALIDITY ${o.uidValidity} UID ${m.uid}`, hash: m.hash }],
    ),
  );
  return [...appended, ...observed];
}

function reusedUids(sightings: readonly Sighting[]): readonly string[] {
  const owner = new Map<string, string>();
  const reused = new Set<string>();
  for (const { key, hash } of sightings) {
    const first = owner.get(key);
    if (first === undefined) owner.set(key, hash);
    else if (first !== hash) reused.add(`${key}: named two messages, ${first.slice(0, 12)} and ${hash.slice(0, 12)}`);
  }
  return [...reused];
}

function changedValidity(series: readonly ObservationEvent[]): readonly string[] {
  const values = new Set(series.map((o) => o.uidValidity));
  const first = series[0];
  return values.size <= 1 || first === undefined
    ? []
    : [`${mailboxKey(first)}: UIDVALIDITY changed: ${[...values].join(', ')}`];
}

/** An observation that began after another had ended must not show less. */
function wentBack(series: readonly ObservationEvent[], field: 'uidNext' | 'highestModSeq'): readonly string[] {
  const violations: string[] = [];
  let highest = 0;
  inRealTime(series, {
    settle: (earlier) => {
      highest = Math.max(highest, earlier[field] ?? 0);
    },
    visit: (seen) => {
      const value = seen[field];
      if (value !== null && value < highest)
        violations.push(`${mailboxKey(seen)}: ${field} went back from ${highest} to ${value}`);
    },
  });
  return violations;
}

function messageModSeqWentBack(series: readonly ObservationEvent[]): readonly string[] {
  const highest = new Map<number, number>();
  const violations: string[] = [];
  inRealTime(series, {
    settle: (earlier) => {
      for (const { uid, modSeq } of earlier.messages) highest.set(uid, Math.max(highest.get(uid) ?? 0, modSeq ?? 0));
    },
    visit: (seen) => {
      for (const { uid, modSeq } of seen.messages) {
        const before = highest.get(uid) ?? 0;
        if (modSeq !== null && modSeq < before)
          violations.push(`${mailboxKey(seen)}: MODSEQ of UID ${uid} went back from ${before} to ${modSeq}`);
      }
    },
  });
  return violations;
}
