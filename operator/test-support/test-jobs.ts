import type { MemberEndpoint } from '#contract/routing-document.ts';
import type { Engine } from '#database/engine.ts';
import { roles } from '#database/roles.ts';
import type { Job, JobOutcome, Jobs } from '../ports.ts';
import { openTail, type Tail } from './open-tail.ts';

type Passwords = { readonly mail: string; readonly salvage: string };

/** `migrate` and `salvage` over a schema of one table: what imapd's own do, without mail. */
export class TestJobs implements Jobs {
  readonly #engine: Engine;
  readonly #passwords: Passwords;
  readonly ran: Job[] = [];

  constructor(engine: Engine, passwords: Passwords) {
    this.#engine = engine;
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
    await writer.create();
    await writer.end();
    return {};
  }

  async #salvage(job: Extract<Job, { kind: 'salvage' }>): Promise<unknown> {
    const old = await this.#open(job.from.endpoint, job.database, 'salvage');
    const ids = await old.ids();
    await old.end();
    const writer = await this.#open(job.writer.endpoint, job.database, 'mail');
    const messages = await writer.merge(ids);
    await writer.end();
    return { messages, flags: 0, skipped: ids.length - messages };
  }

  #open(endpoint: MemberEndpoint, database: string, role: keyof Passwords): Promise<Tail> {
    const account = { user: roles[role], password: this.#passwords[role] };
    return openTail({ engine: this.#engine, endpoint, database, ...account });
  }
}
