import type { Command as Program } from 'commander';
import type { Context } from '#lib/context.ts';
import { EnvironmentError } from '#lib/env.ts';
import { DomainError } from '#lib/errors.ts';
import { type Command, openCommand, openContext } from './open-command.ts';
import type { Answer } from './output.ts';

/** Something that the operator gave is wrong before any verb was asked: a file that cannot be read, say. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Exit codes: refused with a sentence, and called wrongly. */
export const exitCodes = { refused: 1, usage: 2 } as const;

/** Options that every command has. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly organization?: string;
}

/** A new command with the options that all of them have. */
export function addCommand(program: Program, usage: string, description: string): Program {
  return program.command(usage).description(description).option('--json', 'answer with one JSON value');
}

/** The same for a command that works inside one organization. */
export function addTenantCommand(program: Program, usage: string, description: string): Program {
  return addCommand(program, usage, description).option(
    '-o, --organization <name>',
    'short name or id of the organization; needed where there are several',
  );
}

/**
 * Runs `work` with the database open. Its answer goes to standard output, a refusal's sentence to standard error; with
 * `--json` a refusal is one JSON value on standard output too.
 */
export async function run(
  options: CommonOptions,
  work: (command: Command) => Promise<Answer>,
): Promise<void> {
  const isJson = options.json === true;
  try {
    const command = await openCommand(process.env);
    try {
      const { json, lines } = await work(command);
      const text = isJson ? JSON.stringify(json, null, 2) : lines.join('\n');
      if (text !== '') process.stdout.write(`${text}\n`);
    } finally {
      await command.close();
    }
  } catch (error) {
    refuse(error, isJson);
  }
}

/** The same inside one organization, as the operator. */
export function runInTenant(
  options: CommonOptions,
  work: (ctx: Context, command: Command) => Promise<Answer>,
): Promise<void> {
  return run(options, async (command) => work(await openContext(command, options.organization), command));
}

function refuse(error: unknown, isJson: boolean): void {
  process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.refused;
  for (const line of sentences(error)) process.stderr.write(`${line}\n`);
  if (isJson && error instanceof DomainError) {
    const { code, message, issues, data } = error;
    process.stdout.write(`${JSON.stringify({ error: { code, message, issues, data } }, null, 2)}\n`);
  }
}

function sentences(error: unknown): string[] {
  if (error instanceof DomainError) {
    const [first] = error.issues;
    if (first === undefined) return [error.message];
    const list = error.issues.map(({ field, message }) => `${field}: ${message}`);
    return first.message === error.message ? list : [error.message, ...list];
  }
  if (error instanceof UsageError || error instanceof EnvironmentError) return [error.message];
  if (isConnectionFault(error)) return ['The database does not answer. Check DATABASE_URL, or start it.'];
  return [
    `This failed unexpectedly: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  ];
}

function isConnectionFault(error: unknown): boolean {
  const faults = ['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'EHOSTUNREACH', '28P01', '3D000', '57P03'];
  if (!(error instanceof Error)) return false;
  return 'code' in error && typeof error.code === 'string' && faults.includes(error.code);
}
