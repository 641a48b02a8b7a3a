/**
 * Several expositions of Prometheus as one: a family that is in more than one of them, with other labels in each, is there
 * once, as the format asks.
 */
export function mergedExposition(texts: readonly string[]): string {
  const families = new Map<string, { readonly head: string[]; readonly samples: string[] }>();
  for (const text of texts) for (const family of familiesIn(text)) add(families, family);
  return [...families.values()].map(({ head, samples }) => `${[...head, ...samples].join('\n')}\n`).join('\n');
}

type Family = { readonly name: string; readonly head: readonly string[]; readonly samples: readonly string[] };

/** Each begins with its HELP and TYPE, as prom-client writes them. */
function familiesIn(text: string): readonly Family[] {
  return text
    .split(/^(?=# HELP )/m)
    .filter((block) => block.startsWith('# HELP '))
    .map((block) => {
      const lines = block.split('\n').filter((line) => line !== '');
      const head = lines.filter((line) => line.startsWith('# '));
      return { name: head[0]?.split(' ')[2] ?? '', head, samples: lines.filter((line) => !line.startsWith('# ')) };
    });
}

function add(
  families: Map<string, { readonly head: string[]; readonly samples: string[] }>,
  { name, head, samples }: Family,
): void {
  const known = families.get(name);
  if (known === undefined) families.set(name, { head: [...head], samples: [...samples] });
  else known.samples.push(...samples);
}
