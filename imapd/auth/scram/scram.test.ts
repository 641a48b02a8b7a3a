import { describe, expect, test } from 'vitest';
import { Semaphore } from '../semaphore.ts';
import { saslPrep } from './sasl-prep.ts';
import { beginExchange, isProof, serverProof } from './scram-exchange.ts';
import { ScramKeyMaker } from './scram-key-maker.ts';
import { deriveKeys, readScramKeys, writeScramKeys } from './scram-keys.ts';
import { readClientFinal, readClientFirst } from './scram-messages.ts';

const NOTHING = Buffer.alloc(0);
const first = (text: string) => readClientFirst(Buffer.from(text));
const final = (text: string) => readClientFinal(Buffer.from(text));

/** RFC 7677, 3. */
const EXAMPLE = {
  first: 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
  serverNonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
  salt: Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'),
  challenge: 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  final: 'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  serverFinal: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
};

async function example() {
  const keys = await deriveKeys('pencil', { salt: EXAMPLE.salt, iterations: 4096 });
  const [begun, ended] = [first(EXAMPLE.first), final(EXAMPLE.final)];
  if (begun === null || ended === null) throw new Error('the example of the RFC was not understood');
  return { exchange: beginExchange(begun, keys, EXAMPLE.serverNonce), ended };
}

describe('the example of RFC 7677, 3', () => {
  test('goes as written there', async () => {
    const { exchange, ended } = await example();
    expect(exchange.challenge).toBe(EXAMPLE.challenge);
    expect(isProof(exchange, ended, NOTHING)).toBe(true);
    expect(serverProof(exchange, ended)).toBe(EXAMPLE.serverFinal);
  });

  test('no other proof, nonce or binding will do', async () => {
    const { exchange, ended } = await example();
    const other = Buffer.from(ended.proof);
    other[31] = (other[31] ?? 0) ^ 1;
    expect(isProof(exchange, { ...ended, proof: other }, NOTHING)).toBe(false);
    expect(isProof(exchange, { ...ended, proof: NOTHING }, NOTHING)).toBe(false);
    expect(isProof(exchange, { ...ended, nonce: `${ended.nonce}x` }, NOTHING)).toBe(false);
    expect(isProof(exchange, { ...ended, boundTo: Buffer.from('y,,') }, NOTHING)).toBe(false);
    expect(isProof(exchange, ended, Buffer.from('another channel'))).toBe(false);
  });
});

test('a first message is taken apart, names unescaped', () => {
  expect(first('p=tls-exporter,a=ada=2Cb,n=a=3Db=2C=2C,r=x!,e=later')).toEqual({
    binding: { kind: 'used', type: 'tls-exporter' },
    gs2Header: 'p=tls-exporter,a=ada=2Cb,',
    identity: 'ada,b',
    user: 'a=b,,',
    nonce: 'x!',
    bare: 'n=a=3Db=2C=2C,r=x!,e=later',
  });
  expect(first('y,,n=ädä,r=x')).toMatchObject({ binding: { kind: 'unused' }, user: 'ädä', identity: null });
  expect(first('n,,n=a,r=x')?.binding).toEqual({ kind: 'none' });
});

test.each([
  '',
  'n,,n=a',
  'n,n=a,r=x',
  'x,,n=a,r=x',
  'p=,,n=a,r=x',
  'n,,n=,r=x',
  'n,,n=a,r=',
  'n,,n=a,r=b c',
  'n,,n=a=2c,r=x',
  'n,,n=a=,r=x',
  'n,a==,n=a,r=x',
  'n,,m=later,n=a,r=x',
  'n,,n=a\0b,r=x',
  'n,,r=x,n=a',
])('%j is no first message', (text) => expect(first(text)).toBeNull());

test('what is not UTF-8 is none either', () => {
  expect(readClientFirst(Buffer.from('n,,n=\xe4,r=x', 'latin1'))).toBeNull();
});

test.each([
  '',
  'c=biws,r=x',
  'r=x,p=AA==',
  'c=,r=x,p=AA==',
  'c=biws,r=x,p=',
  'c=biws,r=x,p=AA==,z=1',
  'c=b*,r=x,p=AA==',
])('%j is no final message', (text) => expect(final(text)).toBeNull());

test('SASLprep maps and normalises (RFC 4013, 3)', () => {
  expect(saslPrep('I\u00adX')).toBe('IX');
  expect(saslPrep('USER')).toBe('USER');
  expect(saslPrep('\u00aa')).toBe('a');
  expect(saslPrep('\u2168')).toBe('IX');
  expect(saslPrep('a\u00a0b\u3000c')).toBe('a b c');
});

test('keys are stored as text, and nothing else is read as keys', async () => {
  const keys = await deriveKeys('pencil', { salt: EXAMPLE.salt, iterations: 4096 });
  expect(readScramKeys(writeScramKeys(keys))).toEqual(keys);
  expect(writeScramKeys(keys)).toMatch(/^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$[^:]{44}:.{44}$/);
  for (const text of ['', 'x', 'SCRAM-SHA-1$4096:AA==$AA==:AA==', `${writeScramKeys(keys)} `]) {
    expect(() => readScramKeys(text)).toThrow();
  }
});

describe('salts', () => {
  const maker = (secret = 'shared by all') => new ScramKeyMaker({ iterations: 4096, lanes: new Semaphore(1), secret });

  test('are the same for a user and for nobody of that name, in every process', async () => {
    const stored = readScramKeys((await maker().make('ada', 'secret')) ?? '');
    expect(maker().ofNobody('ada').salt).toEqual(stored.salt);
    expect(maker().ofNobody('bob').salt).not.toEqual(stored.salt);
    expect(maker('of another cluster').ofNobody('ada').salt).not.toEqual(stored.salt);
  });

  test('but the keys of nobody are nobody’s', () => {
    expect(maker().ofNobody('ada').storedKey).not.toEqual(maker().ofNobody('ada').storedKey);
  });

  test('a password of which SASLprep leaves nothing gets no keys: they would be those of an empty one', async () => {
    expect(await maker().make('ada', '\u00ad')).toBeNull();
  });
});
