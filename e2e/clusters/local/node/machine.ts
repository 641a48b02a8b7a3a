import { Daemon } from '../../process/daemon.ts';
import { childOf, nameOf } from '../../process/process-tree.ts';
import { runCommand } from '../../process/run-command.ts';

export type MachineInputs = {
  readonly name: string;
  /** Our own first process, see init/init.c. */
  readonly init: string;
  readonly logFile: string;
};

const BOOT_MS = 10_000;

/**
 * Namespaces that pass for a machine: mounts, network, host name and processes of its own. The end of its first process is
 * the loss of its power: the kernel kills all the others.
 */
export class Machine {
  readonly name: string;
  /** Of its first process, as seen from the control plane. */
  readonly pid: number;
  readonly #namespaces: Daemon;

  private constructor(name: string, pid: number, namespaces: Daemon) {
    this.name = name;
    this.pid = pid;
    this.#namespaces = namespaces;
  }

  static async boot({ name, init, logFile }: MachineInputs): Promise<Machine> {
    const unshare = [
      'unshare',
      '--mount',
      '--net',
      '--uts',
      '--pid',
      '--fork',
      '--kill-child',
      '--mount-proc',
    ] as const;
    const namespaces = await Daemon.start({ name, command: [...unshare, '--', init], logFile });
    let pid: number | null = null;
    // unshare has done all its mounting when its child has become another program.
    const booted = async (): Promise<boolean> => {
      pid = await childOf(namespaces.pid);
      return pid !== null && (await nameOf(pid)) === 'init';
    };
    await namespaces.until(booted, { what: 'booted', deadlineMs: BOOT_MS });
    return new Machine(name, pid ?? 0, namespaces);
  }

  /** The command line that does something inside. */
  inside(command: readonly string[]): readonly [string, ...string[]] {
    return ['nsenter', '--target', `${this.pid}`, '--mount', '--net', '--uts', '--pid', '--', ...command];
  }

  async run(command: readonly string[], input?: string): Promise<string> {
    return await runCommand(this.inside(command), input === undefined ? {} : { input });
  }

  async powerOff(): Promise<void> {
    await this.#namespaces.kill();
  }
}
