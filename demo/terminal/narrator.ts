import Table from 'cli-table3';
import { createColors } from 'picocolors';

/** A point of a timeline: `at` in ms after its beginning. */
export type Moment = { readonly at: number; readonly what: string; readonly mark?: 'fault' | 'good' | undefined };

/** Tells the story of a run to people: headings, sentences, timelines and tables, in colour where that can be seen. */
export type Narrator = {
  heading(text: string): void;
  say(text: string): void;
  timeline(moments: readonly Moment[]): void;
  table(head: readonly string[], rows: readonly (readonly string[])[]): void;
  good(text: string): string;
  bad(text: string): string;
};

const BAR_CELLS = 32;
const LABEL_WIDTH = 9;

export function createNarrator(write: (text: string) => void, colours: boolean): Narrator {
  const paint = createColors(colours);
  const line = (text = ''): void => write(`${text}\n`);
  return {
    heading: (text) => line(`\n${paint.bold(paint.cyan(`▍ ${text}`))}`),
    say: (text) => line(`  ${text}`),
    timeline(moments) {
      const last = Math.max(1, ...moments.map((m) => m.at));
      for (const moment of moments) {
        const mark = { fault: paint.red('●'), good: paint.green('●'), none: '●' }[moment.mark ?? 'none'];
        line(
          `  ${`${Math.round(moment.at)} ms`.padStart(LABEL_WIDTH)} ${bar(moment.at / last, mark, paint.dim)} ${moment.what}`,
        );
      }
    },
    table(head, rows) {
      const table = new Table({
        head: head.map((h) => paint.bold(h)),
        style: { head: [], border: [] },
        wordWrap: true,
      });
      for (const row of rows) table.push([...row]);
      line(table.toString().replace(/^/gm, '  '));
    },
    good: (text) => paint.green(text),
    bad: (text) => paint.red(text),
  };
}

/** A line as long as the whole timeline, the mark where the moment lies on it. */
function bar(share: number, mark: string, dim: (text: string) => string): string {
  const before = Math.round(share * (BAR_CELLS - 1));
  return `${dim('━'.repeat(before))}${mark}${dim('┄'.repeat(BAR_CELLS - 1 - before))}`;
}
