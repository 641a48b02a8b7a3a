import type { JWK } from 'jose';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { ConfigurationError } from './configuration.ts';
import type { Logger } from './logger.ts';
import { WatchedFile } from './watched-file.ts';

export type PublicKeysOptions = {
  /** The keys themselves, or a file with a JSON array of them: exactly one of the two. */
  readonly keys: readonly JWK[] | undefined;
  readonly file: string | undefined;
  readonly log: Logger;
  readonly lookMs?: number;
};

const Keys = Type.Array(Type.Object({ kty: Type.String(), crv: Type.String(), x: Type.String() }), { minItems: 1 });

/**
 * Every key of the operator that may sign now. Keys in a file are replaced while the process runs: first the next key is
 * added, later the last one goes.
 * @throws ConfigurationError for both ways or neither, and for a file that holds no keys
 */
export class PublicKeys {
  readonly #fixed: readonly JWK[];
  readonly #file: WatchedFile<readonly JWK[]> | null;

  constructor({ keys, file, log, lookMs }: PublicKeysOptions) {
    if ((keys === undefined) === (file === undefined)) {
      throw new ConfigurationError('public keys: give either the keys themselves or a file with them');
    }
    this.#fixed = keys ?? [];
    const watched = { parse: parseKeys, log, ...(lookMs === undefined ? {} : { lookMs }) };
    this.#file = file === undefined ? null : new WatchedFile({ ...watched, file });
  }

  get current(): readonly JWK[] {
    return this.#file?.current ?? this.#fixed;
  }

  close(): void {
    this.#file?.close();
  }
}

function parseKeys(text: string): readonly JWK[] {
  const value: unknown = JSON.parse(text);
  // `d` is the private part: what others may read as well must not sign.
  if (Value.Check(Keys, value) && !value.some((key) => 'd' in key)) return value;
  throw new TypeError('not a list of public keys (JWK)');
}
