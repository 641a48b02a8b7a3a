import { appendFile, readFile } from 'node:fs/promises';

/** Names the file that collects the figures of a run, a line of JSON each; `npm run e2e` sets it and prints them. */
export const REPORT_VARIABLE = 'IMAPCLUSTER_E2E_REPORT';

/** A figure that a case measured. `promise` is its bound, where there is one; a figure is no verdict. */
export type Figure = {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly promise?: string;
};

/** What clients saw and must never see. No second try of a test makes it good. */
export type Broken = { readonly broken: readonly string[] };

export const report = async (figure: Figure): Promise<void> => await add(figure);

export const reportBroken = async (broken: readonly string[]): Promise<void> => await add({ broken });

async function add(line: Figure | Broken): Promise<void> {
  const file = process.env[REPORT_VARIABLE];
  if (file !== undefined) await appendFile(file, `${JSON.stringify(line)}\n`);
}

export type Reported = Broken & { readonly figures: readonly Figure[] };

/** All that a run has reported, in order. */
export async function reported(file: string): Promise<Reported> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  const all = lines.map((line) => JSON.parse(line) as Figure | Broken);
  return {
    figures: all.filter((line) => 'what' in line),
    broken: all.flatMap((line) => ('broken' in line ? line.broken : [])),
  };
}
