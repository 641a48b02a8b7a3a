/**
 * A smaller input that fails as well, by leaving out ever smaller pieces (delta debugging), then by making octets plain.
 * At most `trials` times it is asked whether an input fails.
 */
export async function shrink(
  input: Buffer,
  options: { readonly fails: (input: Buffer) => Promise<boolean> | boolean; readonly trials: number },
): Promise<Buffer> {
  let left = options.trials;
  const fails = async (candidate: Buffer): Promise<boolean> => {
    left -= 1;
    return left >= 0 && (await options.fails(candidate));
  };
  let smallest = input;
  for (let size = Math.ceil(input.length / 2); size >= 1 && left > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    smallest = await withoutPieces(smallest, size, fails);
  }
  return left > 0 ? await plainer(smallest, fails) : smallest;
}

type Fails = (candidate: Buffer) => Promise<boolean>;

async function withoutPieces(input: Buffer, size: number, fails: Fails): Promise<Buffer> {
  let smallest = input;
  for (let at = 0; at < smallest.length; ) {
    const candidate = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + size)]);
    if (await fails(candidate)) smallest = candidate;
    else at += size;
  }
  return smallest;
}

const PLAIN = 0x61;

async function plainer(input: Buffer, fails: Fails): Promise<Buffer> {
  const plain = Buffer.from(input);
  for (const [at, octet] of input.entries()) {
    if (octet === PLAIN) continue;
    plain[at] = PLAIN;
    if (!(await fails(plain))) plain[at] = octet;
  }
  return plain;
}
