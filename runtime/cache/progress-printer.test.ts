import { expect, test } from 'vitest';
import { createProgressPrinter } from './progress-printer.ts';

function printerOn(out: { readonly isTTY?: boolean; readonly columns?: number }) {
  const written: string[] = [];
  let clock = 0;
  const printer = createProgressPrinter({ ...out, write: (text: string) => written.push(text) }, () => clock);
  return { printer, written, pass: (ms: number) => (clock += ms) };
}

test('a terminal has one line that changes, cut to its width', () => {
  const { printer, written } = printerOn({ isTTY: true, columns: 10 });
  printer.live('building kubelet');
  printer.line('built');
  expect(written).toEqual(['\r\u001b[Kbuilding ', '\r\u001b[Kbuilt\n']);
});

test('a log gets a line a minute, and whatever stays', () => {
  const { printer, written, pass } = printerOn({});
  printer.live('one');
  printer.live('two');
  pass(60_000);
  printer.live('three');
  printer.line('done');
  printer.live('four');
  expect(written).toEqual(['one\n', 'three\n', 'done\n']);
});
