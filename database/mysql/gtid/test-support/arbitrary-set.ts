import fc from 'fast-check';

/** Two servers and a tag: few enough that two sets have something in common. */
export const SOURCES = [
  '3e11fa47-71ca-11e1-9e33-c80aa9429562',
  '3e11fa47-71ca-11e1-9e33-c80aa9429562:maintenance',
  '4350f323-7565-4e59-8763-4b1b83a0ce0e',
] as const;

/** The highest number that `members` gives. */
export const HIGHEST = 12;

/** `source:number` of single transactions: a set as a model that cannot be wrong. */
export const members = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...SOURCES), fc.integer({ min: 1, max: HIGHEST })), {
    selector: ([source, number]) => `${source}:${number}`,
    maxLength: 30,
  })
  .map((pairs) => new Set(pairs.map(([source, number]) => `${source}:${number}`)));

/** The model as a text that a server takes: one by one, in no order. */
export const asText = (model: ReadonlySet<string>): string => [...model].join(',');
