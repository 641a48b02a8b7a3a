import { createHash } from 'node:crypto';

export type KeyInputs = {
  /** Contents of the committed go.mod and go.sum. */
  readonly goMod: string;
  readonly goSum: string;
  /** Arguments and environment of the build, in the order of use. */
  readonly flags: readonly string[];
  /** Such as "go1.26.8 linux/amd64". */
  readonly go: string;
};

const DIGITS = 16;

/** Names what a build makes: equal inputs, equal programs. Each part is preceded by its length, so that none runs into the next. */
export function moduleKey({ goMod, goSum, flags, go }: KeyInputs): string {
  const hash = createHash('sha256');
  for (const part of [goMod, goSum, go, ...flags]) hash.update(`${Buffer.byteLength(part)}:${part}`);
  return hash.digest('hex').slice(0, DIGITS);
}
