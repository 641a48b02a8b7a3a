import { metricSamples } from './metric-samples.ts';

/** Octets of content that imapd read from databases, by the part they play. */
export type ContentBytes = { readonly replica: number; readonly primary: number };

/** Adds up the pages of several processes. */
export function readContentBytes(pages: readonly string[], partition: string): ContentBytes {
  const samples = metricSamples(pages, 'imapd_content_read_bytes_total').filter(
    (s) => s.labels.partition === partition,
  );
  const sum = (source: string): number =>
    samples.reduce((total, { labels, value }) => total + (labels.source === source ? value : 0), 0);
  return { replica: sum('replica'), primary: sum('primary') };
}
