import { ResponseStream } from '../test-support/response-grammar/response-stream.ts';

/** @throws Error where what a server would send is not whole responses of the grammar */
export function requireGrammar(octets: Buffer | string, { rev2 = false }: { readonly rev2?: boolean } = {}): void {
  let responses = 0;
  const stream = new ResponseStream({
    onResponse: () => {
      responses += 1;
    },
    onViolation: (violation) => {
      throw new Error(`a response against the grammar: ${violation.message}`, { cause: violation });
    },
  });
  if (rev2) stream.push(Buffer.from('* ENABLED IMAP4rev2\r\n'));
  stream.push(typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets);
  if (responses === (rev2 ? 1 : 0)) throw new Error(`a response without an end: ${octets.toString()}`);
}
