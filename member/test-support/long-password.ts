const OCTETS = 32;

/** Of the length that every engine takes: MariaDB signs in by keys that passwords are the seeds of. */
export const longPassword = (text: string): string => text.padEnd(OCTETS, '.');
