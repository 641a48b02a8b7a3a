import { Client } from 'pg';
import type { MemberEndpoint } from '#contract/routing-document.ts';
import { roles } from '#database/roles.ts';
import type { Job, JobOutcome, Jobs } from '../ports.ts';

type Passwords = { readonly mail: string; readonly salvage: string };

/** `migrate` and `salvage` over a schema of one table: what imapd's own do, without mail. */
export class TestJobs implements Jobs {
  readonly #passwords: Passwords;
  readonly ran: Job[] = [];

  constructor(passwords: Passwords) {
    this.#passwords = passwords;
  }

  async run(job: Job): Promise<JobOutcome> {
    this.ran.push(job);
    try {
      return { ok: true, result: job.kind === 'migrate' ? await this.#migrate(job) : await this.#salvage(job) };
    } catch (error) {
      return { ok: false, message: String(error) };
    }
  }

  async #migrate(job: Job): Promise<unknown> {
    const writer = await this.#open(job.writer.endpoint, job.database, 'mail');
    await writer.query('CREATE TABLE IF NOT EXISTS mail.tail (id int PRIMARY KEY)');
    await writer.end();
    return {};
  }

  async #salvage(job: Extract<Job, { kind: 'salvage' }>): Promise<unknown> {
    const old = await this.#open(job.from.endpoint, job.database, 'salvage');
    const { rows } = await old.query<{ id: number }>('SELECT id FROM mail.tail');
    await old.end();
    const writer = await this.#open(job.writer.endpoint, job.database, 'mail');
    const inserted = await writer.query(
      'INSERT INTO mail.tail (id) SELECT unnest($1::int[]) ON CONFLICT DO NOTHING RETURNING id',
      [rows.map((row) => row.id)],
    );
    await writer.end();
    return { messages: inserted.rowCount ?? 0, flags: 0, skipped: rows.length - (inserted.rowCount ?? 0) };
  }

  async #open(endpoint: MemberEndpoint, database: string, role: keyof Passwords): Promise<Client> {
    const client = new Client({ ...endpoint, database, user: roles[role], password: this.#passwords[role] });
    await client.connect();
    return client;
  }
}
