import { setTimeout as pause } from 'node:timers/promises';
import type { TetheredProcess } from '#db/tether.ts';
import { exitWords, type ServiceOptions, startService } from './child-service.ts';

export interface KeptService {
  /** Resolves with a sentence when the service cannot be kept running. */
  readonly failed: Promise<string>;
  stop(graceMs: number): Promise<void>;
}

const settledAfterMs = 10_000;
const restartAfterMs = 1_000;

/** Runs a service and starts it again when it ends, unless it ends right after its start: then it never will run. */
export async function keepService(options: ServiceOptions): Promise<KeptService> {
  let isStopping = false;
  let current: TetheredProcess = await startService(options);
  const keep = async (): Promise<string> => {
    for (;;) {
      const since = performance.now();
      const exit = await current.exited;
      if (isStopping) return await new Promise<string>(() => undefined);
      if (performance.now() - since < settledAfterMs) return `The ${options.name} ${exitWords(exit)}.`;
      options.print(`The ${options.name} ${exitWords(exit)}; starting it again.`);
      await pause(restartAfterMs);
      if (isStopping) return await new Promise<string>(() => undefined);
      current = await startService(options);
    }
  };
  return {
    failed: keep(),
    async stop(graceMs) {
      isStopping = true;
      await current.stop(graceMs);
    },
  };
}
