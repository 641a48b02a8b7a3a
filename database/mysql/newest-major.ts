import type { Flavour } from './flavour.ts';

/**
 * Up to which first number of the version the statements are known to be understood. MariaDB 12 has `read_only` as one word of several
 * (`OFF`, `ON`, …) where 10 and 11 have a number: whether it takes writes would be read wrongly.
 */
export const newestMajor: Readonly<Record<Flavour, number>> = { mariadb: 11, mysql: Number.POSITIVE_INFINITY };
