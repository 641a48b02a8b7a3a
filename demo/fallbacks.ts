import { metricSamples } from './metric-samples.ts';

/** Content reads that the primary answered, by reason, as the imapd processes count them. */
export type Fallbacks = ReadonlyMap<string, number>;

/** Adds up the pages of several processes. */
export function readFallbacks(pages: readonly string[], partition: string): Fallbacks {
  const total = new Map<string, number>();
  for (const { labels, value } of metricSamples(pages, 'imapd_content_reads_total')) {
    if (labels.partition !== partition || labels.source !== 'primary') continue;
    const reason = String(labels.fallback);
    total.set(reason, (total.get(reason) ?? 0) + value);
  }
  return total;
}
