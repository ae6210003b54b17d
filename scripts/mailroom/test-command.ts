import type { Command as Program } from 'commander';
import { testMailSettings } from '#lib/settings/test-mail-settings.ts';
import { plain } from './output.ts';
import { addTenantCommand, type CommonOptions, exitCodes, runInTenant } from './run-command.ts';

/** test-mail: by the saved settings, its steps as they happen. */
export function addTestCommand(program: Program): void {
  addTenantCommand(program, 'test-mail', 'send a test mail by the saved settings')
    .argument('<project>')
    .option('--to <address>', 'where to; the mailbox itself when left out')
    .option('--alternate', 'by the alternate server')
    .action(testMail);
}

function testMail(
  project: string,
  options: CommonOptions & { to?: string; alternate?: boolean },
): Promise<void> {
  const ended = new AbortController();
  process.once('SIGINT', () => ended.abort());
  return runInTenant(options, async (ctx) => {
    const lines: string[] = [];
    const { result } = await testMailSettings(
      ctx,
      {
        project,
        input: null,
        to: options.to ?? null,
        endpoint: options.alternate === true ? 'alternate' : 'primary',
      },
      {
        begun: ({ to, server }) => lines.push(`To ${to} by ${server}`),
        step: (step) => {
          if (step.status === 'running') return;
          const took = `${String(Math.round(step.endedMs - step.startedMs)).padStart(6)} ms`;
          lines.push(`${step.stage.padEnd(14)} ${step.status.padEnd(7)} ${took}`);
        },
      },
      ended.signal,
    );
    if (result.ok) return { json: result, lines: [...lines, `Accepted: ${plain(result.reply?.text ?? '')}`] };
    // The mail was refused, though the command itself did what it was asked.
    process.exitCode = exitCodes.refused;
    const { fault, remedy } = result;
    const words = [`${fault.code}: ${remedy.happened}`, plain(fault.reply?.text ?? ''), remedy.todo];
    return { json: result, lines: [...lines, ...words.filter((line) => line !== '')] };
  });
}
