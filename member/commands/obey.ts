import {
  type CommandFailure,
  type CommandResult,
  type MemberCommandKind,
  SignedCommand,
} from '#contract/agent-command.ts';
import { verify } from '#contract/signature.ts';
import { Impossible } from '#database/impossible.ts';
import type { PublicKeys } from '#runtime/public-keys.ts';
import type { Member } from '../member.ts';
import { ServerStartFailure } from '../server-life.ts';
import { carryOut } from './carry-out.ts';
import type { CommandQueue } from './command-queue.ts';
import { refuseOrder } from './refuse-order.ts';

export type Outcome =
  | { readonly status: 200; readonly body: CommandResult }
  | { readonly status: 400 | 409 | 410 | 422 | 500; readonly body: CommandFailure };

export type ObeyOptions = {
  readonly member: Member;
  readonly queue: CommandQueue;
  readonly keys: Pick<PublicKeys, 'current'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A command was carried out: what was seen of the server before may no longer hold. */
  readonly onDone: () => void;
};

/**
 * What is not held up by a clone that lasts for hours, since it needs nothing of the server; and what holds up nobody,
 * since nothing depends on it.
 */
const BESIDE_OTHERS: ReadonlySet<MemberCommandKind> = new Set(['setPeers', 'checkpoint']);
const REMEMBERED = 256;
const MAX_WAIT_MS = 3_600_000;
/** Between two warnings that commands arrive expired. */
const TOLD_AGAIN_MS = 60_000;

/** Checks and carries out signed commands. */
export class Obedience {
  readonly #options: ObeyOptions;
  /** By id: a command that arrives twice is carried out once, and a recorded one cannot be played again. */
  readonly #seen = new Map<string, Promise<Outcome>>();
  #expiredToldAt = Number.NEGATIVE_INFINITY;

  constructor(options: ObeyOptions) {
    this.#options = options;
  }

  async obey(jws: string): Promise<Outcome> {
    const { keys } = this.#options;
    const verified = await verify(jws, { purpose: 'command', schema: SignedCommand, keys: keys.current });
    if (!verified.ok) return { status: 400, body: { code: verified.code, message: verified.message } };
    const order = verified.payload;
    const refusal = this.#refuse(order);
    if (refusal?.status === 410) this.#tellExpired(order);
    if (refusal !== null) return refusal;
    const before = this.#seen.get(order.id);
    if (before !== undefined) return await before;
    const outcome = this.#carryOut(order);
    this.#remember(order.id, outcome);
    return await outcome;
  }

  #refuse(order: SignedCommand): Outcome | null {
    const { member, now } = this.#options;
    const facts = { highestEpoch: member.memory.current.highestEpoch, nowMs: now() };
    const refusal = refuseOrder(order, member.identity, facts);
    if (refusal === null) return null;
    return { status: refusal.status, body: { code: refusal.code, message: refusal.message } };
  }

  /** On arrival, so that it was under way for long or the clocks differ. Where they do, every command is refused. */
  #tellExpired({ command, expiresAt }: SignedCommand): void {
    const { member, now } = this.#options;
    const lateMs = now() - expiresAt;
    const isNews = now() - this.#expiredToldAt > TOLD_AGAIN_MS;
    if (isNews) this.#expiredToldAt = now();
    if (isNews) member.log.event('CommandExpired', { command: command.kind, lateMs });
    else member.log.debug({ command: command.kind, lateMs }, 'another command had expired');
  }

  async #carryOut(order: SignedCommand): Promise<Outcome> {
    const { member, queue } = this.#options;
    const { epoch, command } = order;
    const urgent = command.kind === 'fence' || command.kind === 'stop';
    try {
      // Before anything is done: after a crash in the middle nobody of an older epoch is obeyed.
      if (epoch > member.memory.current.highestEpoch) await member.memory.update({ highestEpoch: epoch });
      if (BESIDE_OTHERS.has(command.kind)) return await this.#now(order, new AbortController().signal);
      return await queue.run({ epoch, urgent }, (signal) => this.#now(order, signal));
    } catch (error) {
      member.log.debug({ command: command.kind, epoch, error: String(error) }, 'a command failed');
      return failure(error);
    }
  }

  async #now(order: SignedCommand, signal: AbortSignal): Promise<Outcome> {
    // While it waited for its turn its time may have run out, or a higher epoch been obeyed.
    const refusal = this.#refuse(order);
    if (refusal !== null) return refusal;
    const { member, now, onDone } = this.#options;
    const expiry = AbortSignal.timeout(Math.max(1, Math.min(order.expiresAt - now(), MAX_WAIT_MS)));
    const body = await carryOut(order.command, { member, epoch: order.epoch, signal, expiry });
    onDone();
    return { status: 200, body };
  }

  /** Failures may be tried again under the same id. */
  #remember(id: string, outcome: Promise<Outcome>): void {
    this.#seen.set(id, outcome);
    if (this.#seen.size > REMEMBERED) this.#seen.delete(this.#seen.keys().next().value ?? '');
    void outcome.then((result) => {
      if (result.status !== 200) this.#seen.delete(id);
    });
  }
}

function failure(error: unknown): Outcome {
  if (error instanceof Impossible) return { status: 422, body: { code: error.code, message: error.message } };
  const message = error instanceof Error ? error.message : String(error);
  if (/no space left on device/i.test(message)) return { status: 500, body: { code: 'DiskFull', message } };
  if (error instanceof ServerStartFailure) return { status: 500, body: { code: 'ServerStartFailed', message } };
  const late = error instanceof Error && error.name === 'TimeoutError';
  return { status: 500, body: { code: late ? 'Timeout' : 'Failed', message } };
}
