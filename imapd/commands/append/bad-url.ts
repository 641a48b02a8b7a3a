import { type Completion, no } from '../completion.ts';

/** RFC 4469, 4.1: which URL it was. What a response code cannot hold is percent-encoded, as it should have been. */
export const badUrl = (url: string): Completion =>
  no('That URL names no message here', `BADURL ${url.replace(/[^\x21-\x5c\x5e-\x7e]/g, encoded)}`);

const encoded = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
