import { createHash, type Hash } from 'node:crypto';
import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import { octetsPassed } from '../sweep.ts';
import type { DifferentRow } from '../verify.ts';
import { type Connection, eachRow, rows } from './connection.ts';

/** Messages whose chunks are read in one answer. */
const PAGE = 100;

/**
 * Messages that are not what their hash says. One of a single chunk has the hash of that, which the server compares. Of the others
 * the octets come here, chunk by chunk: no server hashes what is in several rows, and as one value a message would have to fit
 * in a packet.
 */
export async function findWrongHashes(c: Connection): Promise<readonly DifferentRow[]> {
  const wrong = await rows<DifferentRow>(c, {
    name: 'verify-single-hashes',
    text: `SELECT c.id AS place, LOWER(HEX(k.hash)) AS found, LOWER(HEX(c.hash)) AS expected
      FROM content c JOIN chunk k ON k.content = c.id WHERE c.chunks = 1 AND k.hash <> c.hash`,
  });
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const page = await rows<Content>(c, {
      name: 'verify-large-contents',
      text: `SELECT id, hash FROM content WHERE chunks > 1 AND id > ? ORDER BY id LIMIT ${PAGE}`,
      values: [uuidOctets(after)],
    });
    const last = page.at(-1);
    if (last === undefined) return wrong;
    wrong.push(...(await wrongOf(c, page)));
    after = last.id;
  }
}

type Content = { readonly id: string; readonly hash: Buffer };

/** Those without any chunk are another check's. */
async function wrongOf(c: Connection, page: readonly Content[]): Promise<DifferentRow[]> {
  const hashes = new Map<string, Hash>();
  const statement = {
    name: 'verify-large-chunks',
    text: 'SELECT content, data FROM chunk WHERE content IN (?) ORDER BY content, number',
    values: [page.map(({ id }) => uuidOctets(id))],
  };
  await eachRow<{ content: string; data: Buffer }>(c, statement, ({ content, data }) => {
    const hash = hashes.get(content) ?? createHash('sha256');
    hashes.set(content, hash.update(data));
    octetsPassed(data.length);
  });
  return page.flatMap(({ id, hash }) => {
    const found = hashes.get(id)?.digest('hex');
    const expected = hash.toString('hex');
    return found === undefined || found === expected ? [] : [{ place: id, found, expected }];
  });
}
