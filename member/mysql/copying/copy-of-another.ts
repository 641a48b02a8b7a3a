import type { CopiedBy } from '#contract/agent-report.ts';
import type { Flavour } from '#database/mysql/flavour.ts';
import type { MemberConfiguration } from '../../configuration.ts';
import type { CopyOrigin, Progress } from '../../engine.ts';
import type { Upstream } from '../../memory/memory.ts';
import type { Passwords } from '../../passwords.ts';
import type { DataDirectory } from '../data-directory.ts';
import type { AskedLog, UpstreamLink } from '../replication/upstream-link.ts';
import type { ServerPrograms } from '../server-programs.ts';
import { acceptedPassword } from './clone-mysql.ts';
import { copyData } from './copy-data.ts';
import { requireBackup } from './copy-mariadb.ts';
import type { CopyQuestion } from './copy-request.ts';

/** Of a donor that hangs nobody waits to hear that it can be copied. */
const ANSWER_MS = 10_000;

const requirements: Readonly<Record<Flavour, (question: CopyQuestion) => Promise<unknown>>> = {
  mysql: acceptedPassword,
  mariadb: requireBackup,
};

export type CopyingMember = {
  readonly configuration: MemberConfiguration;
  readonly passwords: Passwords;
  readonly programs: ServerPrograms;
  readonly data: DataDirectory;
  readonly link: UpstreamLink;
};

/** How a member comes by the data of another one. */
export class CopyOfAnother {
  readonly #member: CopyingMember;

  constructor(member: CopyingMember) {
    this.#member = member;
  }

  /** @throws Impossible `CloneUnavailable` where it cannot, as far as can be told beforehand; Error where that cannot be told now */
  async require(origin: CopyOrigin, signal: AbortSignal): Promise<void> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
    if ((await this.#logOf(origin.upstream, limit)).isWhole) return;
    await requirements[this.#member.data.flavour]({ ...this.#question(origin), signal: limit });
  }

  /** While the upstream has all of its log, from the first transaction on, nothing is copied: an empty server is sent all there is. */
  async make(origin: CopyOrigin, progress: Progress, signal: AbortSignal): Promise<CopiedBy> {
    const { configuration, programs, data } = this.#member;
    progress('cloning', null);
    const { isWhole } = await this.#logOf(origin.upstream, signal);
    const incoming = await data.prepareIncoming();
    if (isWhole) {
      await programs.initialize(incoming, signal);
    } else {
      const { flavour, aside, temporaryDirectory, temporarySocketPath: socketPath } = data;
      const where = { flavour, incoming, aside, socketPath, temporaryDirectory };
      const { parameters } = configuration.server;
      await copyData({ ...this.#question(origin), ...where, parameters, progress, signal });
    }
    await data.adoptIncoming('replica');
    if (isWhole) return 'Log';
    return data.flavour === 'mysql' ? 'Clone' : 'MariadbBackup';
  }

  #question({ upstream, source, agentUrl }: CopyOrigin): Omit<CopyQuestion, 'signal'> {
    const { configuration: asker, passwords, programs } = this.#member;
    return { asker, passwords, programs, donor: source ?? upstream, agentUrl };
  }

  async #logOf(upstream: Upstream, signal: AbortSignal): Promise<AskedLog> {
    const log = await this.#member.link.ask(upstream, signal);
    if (log === null) throw new Error(`${upstream.member} does not answer`);
    return log;
  }
}
