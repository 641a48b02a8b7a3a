/**
 * What a schema alone cannot say: fields that depend on each other, or on what they were before. Each rule is written
 * twice, side by side: in CEL for the API server, and as a predicate for standalone. A test runs both over the same
 * examples, so that neither says what the other does not.
 */
export type Rule = {
  /** Path of `self` below the object, `*` for every item of a list. The rule is skipped where nothing is there. */
  readonly at: readonly string[];
  readonly cel: string;
  /** What is allowed, for people. */
  readonly message: string;
  /** A rule about a change (`oldSelf` in CEL): skipped where there is no object before. */
  readonly transition: boolean;
  /** The predicate. The value has passed the schema, and has its defaults. */
  readonly holds: (self: unknown, oldSelf: unknown) => boolean;
};

type RuleOf<Self> = {
  readonly at: readonly string[];
  readonly cel: string;
  readonly message: string;
  readonly holds: (self: Self) => boolean;
};
type TransitionOf<Self> = Omit<RuleOf<Self>, 'holds'> & { readonly holds: (self: Self, oldSelf: Self) => boolean };

/** The casts are sound: `at` names a place whose schema is `Self`, and only checked objects come here. */
export const rule = <Self>(of: RuleOf<Self>): Rule => ({
  ...of,
  transition: false,
  holds: (self) => of.holds(self as Self),
});

/** A rule about a change, which CEL tells by its use of `oldSelf`. */
export const transitionRule = <Self>(of: TransitionOf<Self>): Rule => ({
  ...of,
  transition: true,
  holds: (self, oldSelf) => of.holds(self as Self, oldSelf as Self),
});

/** `self == oldSelf` for a field that is fixed at creation. */
export const immutable = (...at: string[]): Rule =>
  transitionRule<unknown>({
    at,
    cel: 'self == oldSelf',
    message: `${at.at(-1)} cannot be changed`,
    holds: (self, oldSelf) => JSON.stringify(self) === JSON.stringify(oldSelf),
  });
