import fc from 'fast-check';

/** What a session does in one round; all sessions of a round do theirs at the same time. */
export type Step = {
  readonly kind: StepKind;
  /** Picks messages among those that the session knows of, however many they are. */
  readonly at: number;
  readonly more: number;
  readonly flag: string;
  readonly mode: '+' | '-' | '';
  readonly silent: boolean;
  readonly byUid: boolean;
};
export type StepKind = (typeof KINDS)[number];

/** The first ones are what a failing trace is shrunk to. */
const KINDS = [
  ...(['rest', 'noop', 'append', 'append', 'append', 'fetch', 'fetch', 'store', 'store', 'store', 'store'] as const),
  ...([
    'expunge',
    'expunge',
    'uidExpunge',
    'search',
    'sort',
    'thread',
    'subject',
    'copy',
    'move',
    'idle',
    'idle',
  ] as const),
  ...(['reselect', 'check', 'status', 'save', 'watch', 'watch'] as const),
];

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS),
  at: fc.nat({ max: 11 }),
  more: fc.nat({ max: 3 }),
  flag: fc.constantFrom('\\Deleted', '\\Seen', '\\Flagged', '$Label'),
  mode: fc.constantFrom('+', '+', '-', ''),
  silent: fc.boolean(),
  byUid: fc.boolean(),
});

/** Rounds of one step for each session. */
export const rounds = (sessions: number, longest: number): fc.Arbitrary<Step[][]> =>
  fc.array(fc.array(step, { minLength: sessions, maxLength: sessions }), { minLength: 1, maxLength: longest });
