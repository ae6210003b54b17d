import type { Command as Program } from 'commander';
import { markRestored } from '#lib/queue/mark-restored.ts';
import { resumeFleet } from '#lib/queue/resume-fleet.ts';
import { addTenantCommand, type CommonOptions, runInTenant } from './run-command.ts';

/** mark-restored and resume-fleet: all sending of the installation (PRODUCT 4.12). */
export function addFleetCommands(program: Program): void {
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
