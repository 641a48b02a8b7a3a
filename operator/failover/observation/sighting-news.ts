import type { AgentReport } from '#contract/agent-report.ts';
import { essenceOf } from '#contract/is-news.ts';
import type { MemberName } from '#contract/names.ts';
import type { MemberSighting } from '../../ports.ts';

type Sightings = ReadonlyMap<MemberName, MemberSighting>;

/** What matters of a sighting, as text: of the report, which comes anew each second, and of all around it. */
type Seen = { readonly report: AgentReport | null; readonly essence: string; readonly around: string };

/** `fresh`: whose report has come since the last look. */
export type Novelty = { readonly fresh: ReadonlySet<MemberName>; readonly isNews: boolean };

/**
 * Tells apart news of the members from their heartbeats, which say each second that nothing has happened. A replica that
 * has heard nothing of its upstream for long is news: the stream itself goes on calling itself alive.
 */
export class SightingNews {
  readonly #silences: readonly number[];
  #seen: ReadonlyMap<MemberName, Seen> = new Map();

  /** @param silences milliseconds: at each, that the upstream has been silent for so long is news */
  constructor(silences: readonly number[]) {
    this.#silences = silences;
  }

  /** Everything is new again. */
  reset(): void {
    this.#seen = new Map();
  }

  /** What is new since it was asked last. */
  take(sightings: Sightings): Novelty {
    const fresh = new Set<MemberName>();
    const seen = new Map<MemberName, Seen>();
    let isNews = sightings.size !== this.#seen.size;
    for (const [name, sighting] of sightings) {
      const before = this.#seen.get(name);
      const now = this.#see(sighting, before);
      if (now.report !== before?.report) fresh.add(name);
      isNews ||= now.essence !== before?.essence || now.around !== before.around;
      seen.set(name, now);
    }
    this.#seen = seen;
    return { fresh, isNews };
  }

  #see({ report, connected, failure, problem = null, platform = null }: MemberSighting, before?: Seen): Seen {
    const essence = report === before?.report ? before.essence : this.#essence(report);
    return { report, essence, around: JSON.stringify([connected, failure, problem, platform]) };
  }

  #essence(report: AgentReport | null): string {
    if (report === null) return '';
    const silentMs = report.replication?.upstream?.silentMs ?? 0;
    const silence = this.#silences.filter((bound) => silentMs >= bound).length;
    return `${silence} ${essenceOf(report)}`;
  }
}
