import type { Command as Program } from 'commander';
import { type WorkerView, readFleet } from '#lib/queue/read-fleet.ts';
import { markRestored } from '#lib/queue/mark-restored.ts';
import { resumeFleet } from '#lib/queue/resume-fleet.ts';
import { plain, table, time } from './output.ts';
import { addTenantCommand, type CommonOptions, runInTenant } from './run-command.ts';

/** The workers, and mark-restored and resume-fleet: all sending of the installation (PRODUCT 4.12). */
export function addFleetCommands(program: Program): void {
  addTenantCommand(program, 'workers', 'show the workers of the installation').action(
    (options: CommonOptions) =>
      runInTenant(options, async (ctx) => {
        const { workers } = await readFleet(ctx);
        const head = [
          'State',
          'Host',
          'Process',
          'Version',
          'Since',
          'Last beat',
          'Lanes',
          'Mails/s',
          'Memory',
        ];
        const lines =
          workers.length === 0 ? ['No worker has run within a day.'] : table(head, workers.map(rowOf));
        return { json: workers, lines };
      }),
  );
  addTenantCommand(
    program,
    'mark-restored',
    'say that this database came from a backup: nothing is sent until resume-fleet',
  ).action((options: CommonOptions) =>
    runInTenant(options, async (ctx) => {
      await markRestored(ctx);
      return {
        json: { sending: 'stopped' },
        lines: ['No worker sends until a person has looked: resume-fleet.'],
      };
    }),
  );
  addTenantCommand(program, 'resume-fleet', 'let the workers send again after a restore').action(
    (options: CommonOptions) =>
      runInTenant(options, async (ctx) => {
        const { wasStopped } = await resumeFleet(ctx);
        const words = wasStopped ? 'The workers send again.' : 'The workers were not stopped.';
        return { json: { sending: 'on', wasStopped }, lines: [words] };
      }),
  );
}

function rowOf(worker: WorkerView): string[] {
  return [
    worker.state,
    plain(worker.host),
    String(worker.pid),
    `${plain(worker.version)}${worker.isOlder ? ' (older than the database)' : ''}`,
    time(worker.startedAt),
    time(worker.lastBeatAt),
    String(worker.lanesHeld),
    worker.sentPerSecond.toFixed(1),
    `${Math.round(worker.memoryBytes / 1_048_576)} MB`,
  ];
}
