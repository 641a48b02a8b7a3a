import type { Fields } from './header-collector.ts';
import type { Parameter } from './structured-value.ts';

/** A part as the structure was found: offsets as in `PartIndex`, and the fields BODYSTRUCTURE is made of. */
export interface Part {
  kind: 'leaf' | 'multipart' | 'message';
  readonly headerAt: number;
  bodyAt: number;
  endAt: number;
  lines: number;
  /** As written, e.g. `text` and `Plain`. */
  type: string;
  subtype: string;
  parameters: readonly Parameter[];
  /** Content transfer encoding as written. */
  encoding: string;
  fields: Fields;
  readonly parts: Part[];
}

export const parameterOf = (parameters: readonly Parameter[], name: string): string | null =>
  parameters.find(([candidate]) => candidate.toLowerCase() === name)?.[1] ?? null;

/** First value of a field; null where it is absent or empty. */
export const fieldOf = (fields: Fields, name: string): string | null => fields.get(name)?.[0] || null;
