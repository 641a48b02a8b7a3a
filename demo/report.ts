import { open, writeFile } from 'node:fs/promises';
import type { Recorder } from './clients/recorder.ts';

/** What `--json` writes: figures by scene, the verdict, and the history it rests on. */
export type Report = { readonly figures: Readonly<Record<string, unknown>>; readonly recorder: Recorder };

export async function writeReport(file: string, { figures, recorder }: Report): Promise<void> {
  await writeFile(file, `${JSON.stringify({ ...figures, history: recorder.events }, null, 1)}\n`);
}

/** Before a run that takes its time. @throws Error where the report could not be written */
export async function checkWritable(file: string): Promise<void> {
  await (await open(file, 'a')).close();
}
