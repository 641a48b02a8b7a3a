import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { systemFlags } from '../../store/types.ts';

// Promise: RFC 9394. Results come page by page, from either end; `$` takes what was told.

let server: ImapServer;
let client: RawClient;
beforeAll(async () => {
  server = await startImapServer();
  // UIDs 1 to 8, of which 2, 3, 5, 6 and 8 are flagged.
  for (let n = 1; n <= 8; n++) {
    await server.fixture.append(`Subject: ${n}\r\n\r\n`, {
      system: [2, 3, 5, 6, 8].includes(n) ? systemFlags['\\Flagged'] : 0,
    });
  }
  client = await RawClient.greeted(server.port);
  await client.command(`l LOGIN ada "${PASSWORD}"`);
  await client.command('s EXAMINE INBOX');
});
afterAll(async () => {
  client?.close();
  await server?.stop();
});

describe('SEARCH RETURN (PARTIAL) (3.1)', () => {
  it.each([
    ['1:2', '2:3'],
    ['3:5', '5:6,8'],
    ['2:1', '2:3'],
    ['4:24000', '6,8'],
    ['6:7', 'NIL'],
    ['-1:-1', '8'],
    ['-1:-3', '5:6,8'],
    ['-2:-100', '2:3,5:6'],
    ['-6:-7', 'NIL'],
  ])('%s', async (range, told) => {
    expect(await client.command(`a UID SEARCH RETURN (PARTIAL ${range}) FLAGGED`)).toEqual([
      `* ESEARCH (TAG "a") UID PARTIAL (${range} ${told})`,
      'a OK SEARCH completed',
    ]);
  });

  it('of a SORT counts in its order', async () => {
    expect(await client.command('a SORT RETURN (PARTIAL 1:2 COUNT) (REVERSE ARRIVAL SUBJECT) UTF-8 FLAGGED')).toContain(
      '* ESEARCH (TAG "a") PARTIAL (1:2 2:3) COUNT 5',
    );
    expect(await client.command('b SORT RETURN (PARTIAL -1:-2) (REVERSE SUBJECT) UTF-8 FLAGGED')).toContain(
      '* ESEARCH (TAG "b") PARTIAL (-1:-2 3,2)',
    );
  });

  it.each(['PARTIAL 1:2 ALL', 'PARTIAL 1:2 PARTIAL 3:4', 'PARTIAL 1', 'PARTIAL 1:*', 'PARTIAL -1:2'])(
    '(%s) is a mistake',
    async (options) => {
      expect((await client.command(`a SEARCH RETURN (${options}) ALL`)).at(-1)).toMatch(/^a BAD/);
    },
  );
});

describe('with SAVE (3.2, table 1)', () => {
  it.each([
    ['SAVE PARTIAL 2:3', 'PARTIAL (2:3 3,5)', '3 5'],
    ['SAVE PARTIAL 2:3 MIN', 'MIN 2 PARTIAL (2:3 3,5)', '2 3 5'],
    ['SAVE PARTIAL 2:3 MAX', 'MAX 8 PARTIAL (2:3 3,5)', '3 5 8'],
    ['SAVE PARTIAL 2:3 MIN MAX', 'MIN 2 MAX 8 PARTIAL (2:3 3,5)', '2 3 5 8'],
    ['SAVE PARTIAL 2:3 COUNT', 'PARTIAL (2:3 3,5) COUNT 5', '2 3 5 6 8'],
    ['SAVE PARTIAL 2:3 COUNT MIN', 'MIN 2 PARTIAL (2:3 3,5) COUNT 5', '2 3 5 6 8'],
  ])('RETURN (%s)', async (options, told, saved) => {
    expect(await client.command(`a SEARCH RETURN (${options}) FLAGGED`)).toContain(`* ESEARCH (TAG "a") ${told}`);
    expect(await client.command('b SEARCH $')).toContain(`* SEARCH ${saved}`);
  });
});

describe('UID FETCH … (PARTIAL) (3.3)', () => {
  const uids = async (command: string): Promise<string[]> =>
    (await client.command(`a ${command}`)).slice(0, -1).map((line) => /UID (\d+)/.exec(line)?.[1] ?? line);

  it.each([
    ['UID FETCH 2:7 FLAGS (PARTIAL -1:-3)', ['5', '6', '7']],
    ['UID FETCH 2:7 FLAGS (PARTIAL 1:2)', ['2', '3']],
    ['UID FETCH 100:* (UID BODY.PEEK[HEADER.FIELDS (X)]) (PARTIAL 2:9)', []],
    ['UID FETCH 1:* INTERNALDATE (PARTIAL 8:900)', ['8']],
    ['UID FETCH 1:* FLAGS (PARTIAL 9:900)', []],
  ])('%s', async (command, told) => {
    expect(await uids(command)).toEqual(told);
  });

  it('takes the part first, and then what changed (3.4)', async () => {
    const other = await RawClient.greeted(server.port);
    try {
      await other.command(`l LOGIN ada "${PASSWORD}"`);
      await other.command('s SELECT INBOX (CONDSTORE)');
      const state = await server.fixture.store.findMailbox('ada', 'INBOX', { signal: AbortSignal.timeout(10_000) });
      await other.command('t STORE 2,7 +FLAGS.SILENT (\\Seen)');
      const lines = await other.command(`u UID FETCH 1:* FLAGS (PARTIAL -1:-3 CHANGEDSINCE ${state?.highestModSeq})`);
      expect(lines.slice(0, -1)).toEqual([expect.stringMatching(/^\* 7 FETCH \(UID 7 FLAGS .* MODSEQ \(\d+\)\)$/)]);
      expect((await other.command('v FETCH 1:* FLAGS (PARTIAL 1:2)')).at(-1)).toMatch(/^v BAD/);
    } finally {
      other.close();
    }
  });
});
