import Table from 'cli-table3';
import type { Compared, Figure } from './bench.ts';

/** What a bench has measured, for people; the profiles, where there are some, follow. */
export function figuresTable(name: string, figures: readonly Figure[]): string {
  const compared = figures.some((figure) => figure.compared !== undefined);
  const head = compared
    ? [name, 'ours', 'theirs', 'unit', 'ratio', 'promise', 'verdict', 'CPU µs: ours', 'theirs']
    : [name, 'measured', 'unit', 'promise', 'verdict'];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const figure of figures) table.push(compared ? comparedRow(figure) : row(figure));
  return [`${table.toString()}\n`, ...figures.flatMap(profileOf)].join('');
}

const row = ({ what, value, unit, promise, kept }: Figure): string[] => [
  what,
  number(value),
  unit,
  promise ?? '',
  verdict(kept),
];

function comparedRow({ what, value, unit, promise, kept, compared }: Figure): string[] {
  if (compared === undefined) return [what, number(value), '', unit, '', promise ?? '', verdict(kept), '', ''];
  const { ours, theirs, unit: ofBoth, spread, processorUs } = compared;
  const ratio = spread === undefined ? '' : `${ratioText(value)} (${spread.map(ratioText).join(' to ')})`;
  const theirTime = processorUs === undefined ? '' : number(processorUs.theirs);
  return [
    what,
    number(ours),
    theirs === null ? '' : number(theirs),
    ofBoth,
    ratio,
    promise ?? '',
    verdict(kept),
    ourTime(processorUs),
    theirTime,
  ];
}

/** The sum, and what of it is whose. */
function ourTime(processorUs: Compared['processorUs']): string {
  if (processorUs === undefined) return '';
  const parts = Object.entries(processorUs.ourParts).map(([part, us]) => `${part} ${number(us)}`);
  return `${number(processorUs.ours)} (${parts.join(', ')})`;
}

const profileOf = ({ what, profile }: Figure): readonly string[] =>
  profile === undefined ? [] : [`\nWhere imapd spends its time: ${what}\n`, ...profile.map((line) => `${line}\n`)];

const number = (value: number): string => Number(value.toPrecision(4)).toString();
const ratioText = (ratio: number): string => `${ratio.toFixed(2)} ×`;
const verdict = (kept: boolean | undefined): string => ({ true: 'kept', false: 'BROKEN' })[String(kept)] ?? '';
