import { ofKind } from '../checker/group.ts';
import { type Finding, holds, judge, type Rules } from '../checker/verdict.ts';
import type { MailSession } from '../clients/mail-session.ts';
import { observeMailbox } from '../clients/observe-mailbox.ts';
import type { Run } from '../run.ts';

/** Reads every mailbox once more, judges the whole history and shows the table. True if every invariant holds. */
export async function finalVerdict(run: Run, observers: readonly MailSession[], rules: Rules): Promise<boolean> {
  await Promise.all(observers.map((o) => observeMailbox(o, 'INBOX', run.recorder)));
  const findings = judge(run.recorder.events, rules);
  run.narrator.table(
    ['', 'invariant', 'examined', 'violations', 'verdict'],
    findings.map((f) => [f.invariant, f.promise, String(f.examined), String(f.violations.length), verdict(run, f)]),
  );
  for (const { invariant, violations } of findings) {
    for (const violation of violations.slice(0, SHOWN))
      run.narrator.say(run.narrator.bad(`${invariant}: ${violation}`));
  }
  const outcomes = Object.groupBy(ofKind(run.recorder.events, 'append'), (a) => a.outcome);
  run.narrator.say(
    `${outcomes.ok?.length ?? 0} messages acknowledged, ${outcomes.no?.length ?? 0} refused, ${outcomes.unknown?.length ?? 0} of unknown fate.`,
  );
  run.figures.verdict = findings;
  return findings.every(holds);
}

const SHOWN = 5;
const verdict = (run: Run, finding: Finding): string => {
  if (holds(finding)) return run.narrator.good('holds');
  return run.narrator.bad(finding.examined === 0 ? 'no evidence' : 'BROKEN');
};
