/** Content reads that the primary answered, by reason, as one imapd process counts them. */
export type Fallbacks = ReadonlyMap<string, number>;

/** Label values of one sample of `imapd_content_reads_total` in Prometheus' text format. */
const SAMPLE = /^imapd_content_reads_total\{([^}]*)\} (\S+)$/;

/** Adds up the pages of several processes. */
export function readFallbacks(pages: readonly string[], partition: string): Fallbacks {
  const total = new Map<string, number>();
  for (const line of pages.flatMap((page) => page.split('\n'))) {
    const match = SAMPLE.exec(line);
    const labels = Object.fromEntries((match?.[1] ?? '').split(',').map((pair) => pair.split('=')));
    if (labels.partition !== `"${partition}"` || labels.source !== '"primary"') continue;
    const reason = String(labels.fallback).replaceAll('"', '');
    total.set(reason, (total.get(reason) ?? 0) + Number(match?.[2]));
  }
  return total;
}
