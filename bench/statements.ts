import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { measureStatements, SIZES } from './statements/measure-statements.ts';
import { statementsPage } from './statements/statements-page.ts';

const PAGE = 'docs/reference/statements.md';

/** Counts, and writes the page that the project promises to keep to. */
export const statements: Bench = {
  name: 'statements',
  about: `SQL statements of each IMAP command, for ${SIZES.join(' and ')} messages; writes ${PAGE}`,
  async run({ progress }) {
    const measured = await measureStatements();
    await writeFile(join(import.meta.dirname, '..', PAGE), statementsPage(measured));
    progress(`wrote ${PAGE}`);
    return measured.map(({ what, sent }) => {
      const [one = 0, many = 0] = sent.map((names) => names.length);
      return { what, value: many, unit: 'statements', promise: `= ${one}`, kept: many === one };
    });
  },
};
