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

export async function report(figure: Figure): Promise<void> {
  const file = process.env[REPORT_VARIABLE];
  if (file !== undefined) await appendFile(file, `${JSON.stringify(figure)}\n`);
}

/** All that a run has reported, in order. */
export async function reported(file: string): Promise<readonly Figure[]> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Figure);
}
