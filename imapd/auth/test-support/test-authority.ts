import { generate } from 'selfsigned';

export type CertificatePair = { readonly cert: string; readonly key: string };

export type CertificateOf = {
  readonly commonName: string;
  readonly emails?: readonly string[];
  readonly usage?: 'client' | 'server';
  readonly from?: Date;
  readonly until?: Date;
};

/** Vouches for clients. */
export class TestAuthority {
  readonly #pair: CertificatePair;

  private constructor(pair: CertificatePair) {
    this.#pair = pair;
  }

  static async create(name: string): Promise<TestAuthority> {
    const made = await generate([{ name: 'commonName', value: name }], {
      ...{ keyType: 'ec', algorithm: 'sha256' },
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
      ],
    });
    return new TestAuthority({ cert: made.cert, key: made.private });
  }

  get certificate(): string {
    return this.#pair.cert;
  }

  async issue({ commonName, emails = [], usage = 'client', from, until }: CertificateOf): Promise<CertificatePair> {
    const altNames = [
      { type: 2 as const, value: 'localhost' },
      ...emails.map((value) => ({ type: 1 as const, value })),
    ];
    const made = await generate([{ name: 'commonName', value: commonName }], {
      ...{ keyType: 'ec', algorithm: 'sha256', ca: this.#pair },
      ...(from === undefined ? {} : { notBeforeDate: from }),
      ...(until === undefined ? {} : { notAfterDate: until }),
      extensions: [
        { name: 'basicConstraints', cA: false },
        { name: 'keyUsage', digitalSignature: true },
        { name: 'extKeyUsage', clientAuth: usage === 'client', serverAuth: usage === 'server' },
        { name: 'subjectAltName', altNames },
      ],
    });
    return { cert: made.cert, key: made.private };
  }
}
