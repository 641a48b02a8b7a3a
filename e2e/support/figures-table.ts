import Table from 'cli-table3';
import type { Figure } from './report.ts';

/** The figures of a run, for people. */
export function figuresTable(figures: readonly Figure[]): string {
  const table = new Table({ head: ['figure', 'measured', 'unit', 'promise'], style: { head: [], border: [] } });
  for (const { what, value, unit, promise } of figures) table.push([what, String(value), unit, promise ?? '']);
  return table.toString();
}
