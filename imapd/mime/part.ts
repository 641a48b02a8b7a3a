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

/** A parameter by its lower-case name; also one written as `name*=us-ascii'en'a%20b` (RFC 2231, 4). null: absent. */
export function parameterOf(parameters: readonly Parameter[], name: string): string | null {
  const named = (wanted: string) => parameters.find(([candidate]) => candidate.toLowerCase() === wanted)?.[1];
  return named(name) ?? withoutPercent(named(`${name}*`));
}

function withoutPercent(extended: string | undefined): string | null {
  if (extended === undefined) return null;
  const encoded = extended.replace(/^[^']*'[^']*'/, '');
  return encoded.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** First value of a field; null where it is absent or empty. */
export const fieldOf = (fields: Fields, name: string): string | null => fields.get(name)?.[0] || null;
