import type { Engine } from '#database/engine.ts';

/** One file alone is about servers of other kinds than PostgreSQL. */
const ON_OTHER_ENGINES = 'e2e/engines.test.ts';

/**
 * Whose servers' images a run needs.
 *
 * @param names parts of test file names, as they were given; none for all
 */
export const enginesWanted = (names: readonly string[]): readonly Engine[] =>
  names.length === 0 || names.some((name) => ON_OTHER_ENGINES.includes(name) || name.endsWith(ON_OTHER_ENGINES))
    ? ['postgresql', 'mariadb', 'mysql']
    : ['postgresql'];
