export type Sample = { readonly labels: Readonly<Record<string, string>>; readonly value: number };

const LINE = /^(\w+)\{([^}]*)\} (\S+)$/;

/** Samples of one labelled metric out of several processes' pages in Prometheus' text format. */
export function metricSamples(pages: readonly string[], name: string): readonly Sample[] {
  return pages
    .flatMap((page) => page.split('\n'))
    .flatMap((line) => {
      const [, metric, labels = '', value] = LINE.exec(line) ?? [];
      return metric === name ? [{ labels: labelsOf(labels), value: Number(value) }] : [];
    });
}

/** Names of partitions, members and reasons hold neither commas nor quotes. */
function labelsOf(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(',').map((pair) => pair.split('='));
  return Object.fromEntries(pairs.map(([name = '', value = '']) => [name, value.replaceAll('"', '')]));
}
