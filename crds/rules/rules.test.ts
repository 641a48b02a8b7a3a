import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { kinds } from '../kind.ts';
import { manifestOf } from '../test-support/manifest.ts';
import { type Patch, type RuleExamples, ruleExamples } from '../test-support/rule-examples.ts';
import { checkRules } from './check-rules.ts';

const kindOf = (name: RuleExamples['kind']) => kinds.find(({ kind }) => kind === name)!;

function objectOf(kind: RuleExamples['kind'], patch: Patch): unknown {
  const { object: schema } = kindOf(kind);
  const object = Value.Default(schema, manifestOf(kind, patch));
  expect(Value.Errors(schema, object)).toEqual([]);
  return object;
}

/** What the rules say to a manifest, after the one before. */
function judge({ kind, before }: RuleExamples, patch: Patch): readonly string[] {
  const previous = before === undefined ? null : objectOf(kind, before);
  return checkRules(kindOf(kind).rules, objectOf(kind, patch), previous).map(({ message }) => message);
}

test.each(kinds)('every rule of $kind has examples of its own', ({ kind, rules }) => {
  const said = ruleExamples.filter((examples) => examples.kind === kind);
  const matching = rules.map(({ message }) => said.filter(({ says }) => message.includes(says)));
  expect(matching.map((found) => found.map(({ says }) => says))).toEqual(matching.map(() => [expect.any(String)]));
  expect(new Set(matching.flat())).toEqual(new Set(said));
  expect(said.filter(({ accepted, refused }) => accepted.length === 0 || refused.length === 0)).toEqual([]);
});

test('a rule about a change has an object before, and no other', () => {
  for (const { kind, says, before } of ruleExamples) {
    const rule = kindOf(kind).rules.find(({ message }) => message.includes(says))!;
    expect([says, before !== undefined]).toEqual([says, rule.transition]);
  }
});

test.each(ruleExamples)('$kind: $says', (examples) => {
  for (const patch of examples.accepted) expect([patch, judge(examples, patch)]).toEqual([patch, []]);
  for (const patch of examples.refused) {
    expect([patch, judge(examples, patch)]).toEqual([patch, [expect.stringContaining(examples.says)]]);
  }
});

test.each(ruleExamples.filter(({ before }) => before !== undefined))('only a change breaks "$says"', (examples) => {
  const { before: _, ...alone } = examples;
  for (const patch of examples.refused) expect([patch, judge(alone, patch)]).toEqual([patch, []]);
});

test.each(kinds)(
  'a $kind with nothing but its defaults breaks no rule, nor does one that stays as it is',
  ({ kind }) => {
    const name = kind as RuleExamples['kind'];
    expect(judge({ kind: name, says: '', accepted: [], refused: [], before: {} }, {})).toEqual([]);
  },
);
