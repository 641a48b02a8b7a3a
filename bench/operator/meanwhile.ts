import { cpus } from 'node:os';
import type { Figure } from '../bench.ts';
import { idleMs } from './idle-ms.ts';
import { processorMs } from './processor-time.ts';
import type { Scene } from './scene.ts';

type Spent = { readonly at: number; readonly operator: number; readonly simulator: number; readonly idle: number };

/**
 * Who had the processors, and who came late to its own work, from a moment on: agents, imapd and the API server share them with
 * the operator here, and what these were late by is in every time that is measured.
 */
export class Meanwhile {
  readonly #scene: Scene;
  readonly #before: Spent;

  private constructor(scene: Scene, before: Spent) {
    this.#scene = scene;
    this.#before = before;
  }

  static async begin(scene: Scene): Promise<Meanwhile> {
    // What was late before is forgotten with the asking.
    await Promise.all([scene.operator.lateMs(), scene.simulator.lateMs()]);
    return new Meanwhile(scene, await spentBy(scene));
  }

  /** @param what names each figure */
  async figures(what: (figure: string) => string): Promise<readonly Figure[]> {
    const [late, simulatorLate] = await Promise.all([this.#scene.operator.lateMs(), this.#scene.simulator.lateMs()]);
    const now = await spentBy(this.#scene);
    const share = (of: keyof Omit<Spent, 'at'>): number =>
      (100 * (now[of] - this.#before[of])) / (now.at - this.#before.at);
    return [
      { what: what('of one core'), value: share('operator'), unit: '%' },
      { what: what('of one core, by what plays agents and imapd'), value: share('simulator'), unit: '%' },
      { what: what(`left idle of the ${cpus().length} cores`), value: share('idle'), unit: '% of one' },
      { what: what("the operator's event loop late, p99"), value: late, unit: 'ms' },
      { what: what('that of what plays agents and imapd late, p99'), value: simulatorLate, unit: 'ms' },
    ];
  }
}

const spentBy = async ({ operator, simulator }: Scene): Promise<Spent> => ({
  at: performance.now(),
  operator: await processorMs(operator.pid),
  simulator: await processorMs(simulator.pid),
  idle: idleMs(),
});
