import type { Command as Program } from 'commander';
import { z } from 'zod';
import { parseInput } from '#lib/parse-input.ts';
import { clearMailSettings } from '#lib/settings/clear-mail-settings.ts';
import { toInput, withTypedSecrets } from '#lib/settings/convert.ts';
import { fieldText, settingsPaths } from '#lib/settings/fields.ts';
import { getMailSettings, type ProjectMailSettings } from '#lib/settings/get-mail-settings.ts';
import { settingsLabels } from '#lib/settings/labels.ts';
import { listSettingsVersions } from '#lib/settings/list-settings-versions.ts';
import { restoreMailSettings } from '#lib/settings/restore-mail-settings.ts';
import { saveMailSettings } from '#lib/settings/save-mail-settings.ts';
import { mailSettingsInput } from '#lib/settings/schemas.ts';
import { settingsWarnings } from '#lib/settings/warnings.ts';
import { plain, table, time } from './output.ts';
import { wakeLane } from './project-commands.ts';
import { readJson, readSecret } from './read-input.ts';
import { addTenantCommand, type CommonOptions, runInTenant } from './run-command.ts';

interface SecretOptions extends CommonOptions {
  readonly passwordFile?: string;
  readonly passwordEnv?: string;
  readonly alternatePasswordFile?: string;
  readonly alternatePasswordEnv?: string;
  readonly proxyPasswordFile?: string;
  readonly proxyPasswordEnv?: string;
  readonly clientSecretFile?: string;
  readonly clientSecretEnv?: string;
  readonly privateKeyFile?: string;
  readonly privateKeyEnv?: string;
  readonly pause?: boolean;
}

/** What `get-settings --json` prints and `put-settings` takes, so that one is the other's input. */
const settingsFile = z.strictObject({
  version: z.int().min(1).nullable(),
  settings: z.unknown(),
});

/** Mail settings of a project: read, written as a file, their versions. */
export function addSettingsCommands(program: Program): void {
  addTenantCommand(program, 'get-settings', "show a project's mail settings, without secrets")
    .argument('<project>')
    .action(showSettings);
  addSecretOptions(
    addTenantCommand(
      program,
      'put-settings',
      'save mail settings from a JSON file as get-settings --json prints it',
    )
      .argument('<project>')
      .argument('<file>', 'the file; - reads standard input'),
  ).action(putSettings);
  addTenantCommand(program, 'versions', "list every change of a project's mail settings")
    .argument('<project>')
    .option('--before <version>', 'only those before this version')
    .action(listVersions);
  addSecretOptions(
    addTenantCommand(program, 'restore-settings', 'save the values of an earlier version again')
      .argument('<project>')
      .argument('<version>'),
  ).action(restoreSettings);
  addTenantCommand(program, 'clear-settings', "clear a project's mail settings; its mail waits")
    .argument('<project>')
    .action((project: string, options: CommonOptions) =>
      runInTenant(options, async (ctx) => {
        const { version } = await getMailSettings(ctx, { project });
        const cleared = await clearMailSettings(ctx, { project, expectedVersion: version ?? 1 });
        await wakeLane(ctx, cleared.laneId);
        return { json: cleared, lines: [`The mail settings of ${project} are cleared.`] };
      }),
    );
}

function addSecretOptions(program: Program): Program {
  return program
    .option('--password-file <file>', 'file that holds the password; - reads standard input')
    .option('--password-env <variable>', 'environment variable that holds the password')
    .option('--alternate-password-file <file>', "file that holds the alternate server's own password")
    .option('--alternate-password-env <variable>', "environment variable that holds the alternate's password")
    .option('--proxy-password-file <file>', "file that holds the proxy's password")
    .option('--proxy-password-env <variable>', "environment variable that holds the proxy's password")
    .option('--client-secret-file <file>', "file that holds the app's client secret")
    .option('--client-secret-env <variable>', "environment variable that holds the app's client secret")
    .option('--private-key-file <file>', "file that holds the private key of the app's certificate")
    .option('--private-key-env <variable>', 'environment variable that holds that private key')
    .option('--pause', 'pause sending with it, until "resume"');
}

async function typedSecrets(options: SecretOptions) {
  return {
    password: await readSecret({ file: options.passwordFile, variable: options.passwordEnv }),
    alternatePassword: await readSecret({
      file: options.alternatePasswordFile,
      variable: options.alternatePasswordEnv,
    }),
    proxyPassword: await readSecret({ file: options.proxyPasswordFile, variable: options.proxyPasswordEnv }),
    clientSecret: await readSecret({ file: options.clientSecretFile, variable: options.clientSecretEnv }),
    privateKey: await readSecret({ file: options.privateKeyFile, variable: options.privateKeyEnv }),
  };
}

function whileSending(options: SecretOptions): 'pause_and_save' | 'save_only' {
  return options.pause === true ? 'pause_and_save' : 'save_only';
}

function showSettings(project: string, options: CommonOptions): Promise<void> {
  return runInTenant(options, async (ctx) => {
    const found = await getMailSettings(ctx, { project });
    const settings = found.settings === null ? null : toInput(found.settings);
    return { json: { version: found.version, settings }, lines: settingsLines(found, ctx.clock.now()) };
  });
}

function settingsLines({ settings, version, lastChange }: ProjectMailSettings, now: Date): string[] {
  if (settings === null) return ['The mail settings are not set up.'];
  const rows = settingsPaths.flatMap((path) => {
    const text = fieldText(path, settings);
    return text === null ? [] : [[settingsLabels[path].label, plain(text)]];
  });
  const { authentication } = settings.connection;
  if (authentication.kind === 'basic') {
    rows.push(['Password', `set ${time(authentication.password.setAt)} by ${authentication.password.setBy}`]);
  }
  const changed = lastChange === null ? '' : `, ${time(lastChange.at)} UTC by ${lastChange.by}`;
  const warnings = settingsWarnings(settings, now).map(({ text }) => `Note: ${text}`);
  return [`Version ${version}${changed}`, '', ...table(['Field', 'Value'], rows), ...warnings];
}

function putSettings(project: string, file: string, options: SecretOptions): Promise<void> {
  return runInTenant(options, async (ctx) => {
    const given = parseInput(settingsFile, await readJson(file));
    const settings = parseInput(mailSettingsInput, given.settings);
    const secrets = await typedSecrets(options);
    const saved = await saveMailSettings(ctx, {
      project,
      input: withTypedSecrets(settings, {
        password: secrets.password,
        alternate_password: secrets.alternatePassword,
        proxy_password: secrets.proxyPassword,
        client_secret: secrets.clientSecret,
        private_key: secrets.privateKey,
      }),
      expectedVersion: given.version,
      whileSending: whileSending(options),
    });
    await wakeLane(ctx, saved.laneId);
    return { json: saved, lines: [`Saved as version ${saved.version}.`] };
  });
}

function listVersions(project: string, options: CommonOptions & { before?: string }): Promise<void> {
  return runInTenant(options, async (ctx) => {
    const before = options.before === undefined ? {} : { before: Number(options.before) };
    const { versions, next } = await listSettingsVersions(ctx, { project, ...before });
    const rows = versions.map((row) => [
      `${row.version}${row.isCurrent ? ' *' : ''}`,
      time(row.at),
      row.by,
      row.origin.replaceAll('_', ' '),
      row.changes.map(({ label }) => label).join(', '),
    ]);
    const lines =
      rows.length === 0
        ? ['The mail settings have never been set up.']
        : table(['Version', 'When (UTC)', 'Who', 'How', 'What changed'], rows);
    return { json: { versions, next }, lines };
  });
}

function restoreSettings(project: string, version: string, options: SecretOptions): Promise<void> {
  return runInTenant(options, async (ctx) => {
    const current = await getMailSettings(ctx, { project });
    const typed = Object.entries(await typedSecrets(options)).filter(([, value]) => value !== undefined);
    const saved = await restoreMailSettings(ctx, {
      project,
      version: Number(version),
      expectedVersion: current.version,
      whileSending: whileSending(options),
      ...Object.fromEntries(typed),
    });
    await wakeLane(ctx, saved.laneId);
    return {
      json: saved,
      lines: [`The values of version ${version} are saved as version ${saved.version}.`],
    };
  });
}
