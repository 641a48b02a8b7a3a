import type { MemberName } from '#contract/names.ts';
import type { HeardMember, MemberSighting } from '../../ports.ts';
import type { LagTracker } from './lag-tracker.ts';
import type { SightingNews } from './sighting-news.ts';

type Memory = { readonly news: SightingNews; readonly lag: LagTracker };

type Sightings = ReadonlyMap<MemberName, MemberSighting>;

/** `heard`: where nobody else is another than at the last look. */
type Come = { readonly heard: HeardMember | undefined; readonly all: () => Sightings };

/**
 * Every report counts for the lag, including those between two turns, and those that no turn is taken for. Of one that is not the
 * primary nothing follows for anybody else; else all are looked at. @returns whether there are news
 */
export function noteReports(memory: Memory, primary: MemberName | null, { heard, all }: Come): boolean {
  return heard === undefined || heard.member === primary ? noteAll(memory, primary, all()) : noteOne(memory, heard);
}

function noteOne({ news, lag }: Memory, { member, sighting }: HeardMember): boolean {
  const { isFresh, isNews } = news.takeOne(member, sighting);
  if (isFresh) noteLag(lag, sighting, false);
  return isNews;
}

function noteAll({ news, lag }: Memory, primary: MemberName | null, sightings: Sightings): boolean {
  const { fresh, isNews } = news.take(sightings);
  // Whoever has reached what the primary says has reached it now.
  const isPrimaryHeard = primary !== null && fresh.has(primary);
  for (const isPrimary of [true, false])
    for (const [name, sighting] of sightings)
      if ((name === primary) === isPrimary && (isPrimaryHeard || fresh.has(name))) noteLag(lag, sighting, isPrimary);
  return isNews;
}

function noteLag(lag: LagTracker, { report, reportedAt, connected }: MemberSighting, isPrimary: boolean): void {
  if (report !== null && reportedAt !== null && connected) lag.note(report, isPrimary, reportedAt);
}
