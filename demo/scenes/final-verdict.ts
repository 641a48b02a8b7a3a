import { ofKind } from '../checker/group.ts';
import { type Finding, holds, type Rules } from '../checker/invariant.ts';
import { judge } from '../checker/verdict.ts';
import type { Run } from '../run.ts';
import { brokenPromises, type Shown } from './promises.ts';

type Told = Pick<Run, 'recorder' | 'narrator' | 'figures'>;

/** Judges the whole history and shows the table. True if every invariant holds and every scene showed what it promised. */
export function finalVerdict(run: Told, rules: Rules, shown: Shown): boolean {
  const { recorder, narrator, figures } = run;
  const findings = judge(recorder.events, rules);
  figures.verdict = findings;
  narrator.table(
    ['', 'invariant', 'examined', 'violations', 'verdict'],
    findings.map((f) => [f.invariant, f.promise, String(f.examined), String(f.violations.length), verdict(run, f)]),
  );
  for (const { invariant, violations } of findings) {
    for (const violation of violations.slice(0, SHOWN)) narrator.say(narrator.bad(`${invariant}: ${violation}`));
  }
  const broken = brokenPromises(shown);
  figures.brokenPromises = broken;
  for (const otherwise of broken) narrator.say(narrator.bad(`Not as promised: ${otherwise}.`));
  const appends = ofKind(recorder.events, 'append');
  const acknowledged = appends.filter((a) => a.outcome === 'ok').length;
  narrator.say(`${acknowledged} messages acknowledged, ${appends.length - acknowledged} of unknown fate.`);
  return findings.every(holds) && broken.length === 0;
}

const SHOWN = 5;
const verdict = ({ narrator }: Told, finding: Finding): string => {
  if (holds(finding)) return narrator.good('holds');
  return narrator.bad(finding.examined === 0 ? 'no evidence' : 'BROKEN');
};
