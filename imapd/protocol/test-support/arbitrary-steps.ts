import fc from 'fast-check';
import type { AppendMessage, AppendStep, LiteralPlace } from '../command.ts';

type Steps = readonly AppendStep[];
type Said = {
  readonly flags: fc.Arbitrary<readonly string[]>;
  readonly internalDate: fc.Arbitrary<Date | null>;
};

const url = fc.stringMatching(/^[a-z/;=%0-9 "]{1,12}$/).map((text) => ({ kind: 'url' as const, url: text }));
const literal = (place: LiteralPlace, binary: fc.Arbitrary<boolean>) =>
  fc.record({ kind: fc.constant('literal' as const), place: fc.constant(place), size: fc.nat(), binary });
const never = fc.constant(false);
const always = fc.constant(true);
const urls = fc.array(url, { minLength: 1, maxLength: 3 });

const begun = (said: Said, catenated: boolean): fc.Arbitrary<AppendMessage> =>
  fc.record({ kind: fc.constant('message' as const), ...said, catenated: fc.constant(catenated) });

/** Of APPEND and REPLACE: messages made of URLs alone, then perhaps one with a literal, where what is parsed ends. */
export const appendSteps = (said: Said): fc.Arbitrary<Steps> =>
  fc
    .tuple(
      fc.array(fc.tuple(begun(said, true), urls), { maxLength: 2 }),
      fc.oneof(
        fc.tuple(begun(said, false), fc.constant<Steps>([]), literal('message', fc.boolean())),
        fc.tuple(begun(said, false), fc.constant<Steps>([]), literal('utf8', always)),
        fc.tuple(
          begun(said, true),
          urls,
          fc.oneof(literal('text', never), literal('utf8Text', always), literal('url', never)),
        ),
      ),
      fc.boolean(),
    )
    .map(([whole, [last, before, end], cut]) => [
      ...whole.flatMap(([message, content]) => [message, ...content]),
      ...(cut && whole.length > 0 ? [] : [last, ...before, end]),
    ]);
