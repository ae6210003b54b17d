import type { Command as Program } from 'commander';
import { type CreateKey, createKey } from '#lib/keys/create-key.ts';
import { listKeys } from '#lib/keys/list-keys.ts';
import { revokeKey } from '#lib/keys/revoke-key.ts';
import { parseInput } from '#lib/parse-input.ts';
import { sendingMode } from '#lib/settings/schemas.ts';
import { keyScopes } from '#lib/access/roles.ts';
import { z } from 'zod';
import { facts, table, time } from './output.ts';
import { addTenantCommand, type CommonOptions, runInTenant } from './run-command.ts';

interface KeyOptions extends CommonOptions {
  readonly name: string;
  readonly scope: readonly string[];
  readonly expiresAt?: string;
  readonly mode?: string;
  readonly redirectTo?: string;
  readonly allow?: readonly string[];
  readonly sender?: readonly string[];
}

const scopes = z.strictObject({
  scopes: z.array(z.enum(keyScopes, `A scope is one of ${keyScopes.join(', ')}.`)),
});

/** API keys of a project. */
export function addKeyCommands(program: Program): void {
  addTenantCommand(program, 'create-key', 'make an API key and print its token, this once')
    .argument('<project>')
    .requiredOption('--name <name>', 'what it is for')
    .option('--scope <scope...>', keyScopes.join(', '), ['send', 'read'])
    .option('--expires-at <time>', 'end of the key, such as 2027-01-31T12:00:00Z')
    .option('--mode <mode>', 'capture, redirect or allow_list, narrower than the project')
    .option('--redirect-to <address>', 'with --mode redirect')
    .option('--allow <entry...>', 'with --mode allow_list: addresses and domains')
    .option('--sender <entry...>', 'addresses and domains that From may carry')
    .action(makeKey);
  addTenantCommand(program, 'list-keys', 'list the API keys of a project')
    .argument('<project>')
    .action(listAll);
  addTenantCommand(program, 'revoke-key', 'end an API key for good')
    .argument('<project>')
    .argument('<key>', 'id of the key')
    .action((project: string, key: string, options: CommonOptions) =>
      runInTenant(options, async (ctx) => {
        await revokeKey(ctx, { project, key });
        return { json: { project, key, state: 'revoked' }, lines: ['The key is revoked.'] };
      }),
    );
}

function makeKey(project: string, options: KeyOptions): Promise<void> {
  return runInTenant(options, async (ctx) => {
    const given: CreateKey = {
      project,
      name: options.name,
      scopes: parseInput(scopes, { scopes: options.scope }).scopes,
      expiresAt: options.expiresAt ?? null,
      sendingMode: modeOf(options),
      allowedSenders: options.sender === undefined ? null : [...options.sender],
    };
    const { token, ...made } = await createKey(ctx, given);
    return {
      json: { ...made, token },
      lines: [token, '', ...facts({ Key: made.name, Id: made.id }), 'The token is shown this once.'],
    };
  });
}

function modeOf({ mode, redirectTo, allow }: KeyOptions): CreateKey['sendingMode'] {
  if (mode === undefined) return null;
  const given = {
    kind: mode,
    ...(redirectTo === undefined ? {} : { to: redirectTo }),
    ...(allow === undefined ? {} : { entries: allow }),
  };
  return parseInput(z.strictObject({ mode: sendingMode }), { mode: given }).mode;
}

function listAll(project: string, options: CommonOptions): Promise<void> {
  return runInTenant(options, async (ctx) => {
    const keys = await listKeys(ctx, { project });
    const rows = keys.map((key) => [
      key.id,
      key.name,
      `…${key.lastFour}`,
      key.scopes.join(' '),
      key.state,
      time(key.lastUsedAt),
      time(key.expiresAt),
    ]);
    const head = ['Id', 'Name', 'Token', 'Scopes', 'State', 'Last used', 'Expires'];
    return { json: keys, lines: keys.length === 0 ? ['No key yet.'] : table(head, rows) };
  });
}
