import { stripVTControlCharacters } from 'node:util';

/** A line of a tree, and what hangs below it. Cells of siblings stand below each other; a single cell stands alone. */
export type Branch = { readonly cells: readonly string[]; readonly below?: readonly Branch[] };

const GAP = '  ';

/** Drawn with lines; colours do not count as width. */
export function tree(root: Branch): string {
  return `${[root.cells.join(GAP), ...drawn(root.below ?? [], '')].map((line) => line.trimEnd()).join('\n')}\n`;
}

function drawn(branches: readonly Branch[], before: string): readonly string[] {
  const widths = widthsOf(branches);
  return branches.flatMap(({ cells, below = [] }, index) => {
    const last = index === branches.length - 1;
    const line = `${before}${last ? '└─ ' : '├─ '}${aligned(cells, widths)}`;
    return [line, ...drawn(below, `${before}${last ? '   ' : '│  '}`)];
  });
}

function widthsOf(branches: readonly Branch[]): readonly number[] {
  const rows = branches.map(({ cells }) => cells).filter((cells) => cells.length > 1);
  const columns = Math.max(0, ...rows.map((cells) => cells.length));
  return Array.from({ length: columns }, (_, column) => Math.max(...rows.map((cells) => width(cells[column] ?? ''))));
}

function aligned(cells: readonly string[], widths: readonly number[]): string {
  if (cells.length === 1) return cells.join('');
  return cells.map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - width(cell)))).join(GAP);
}

const width = (text: string): number => stripVTControlCharacters(text).length;
