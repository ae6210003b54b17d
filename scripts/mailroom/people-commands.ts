import type { Command as Program } from 'commander';
import { createOrganization } from '#lib/organizations/create-organization.ts';
import { createOwner } from '#lib/organizations/create-owner.ts';
import { createSetupLink } from '#lib/sessions/create-setup-link.ts';
import { facts, time } from './output.ts';
import { readSecret } from './read-input.ts';
import { addCommand, type CommonOptions, run, UsageError } from './run-command.ts';

interface OrganizationOptions extends CommonOptions {
  readonly name: string;
  readonly slug?: string;
  readonly timeZone?: string;
}

interface OwnerOptions extends CommonOptions {
  readonly organization: string;
  readonly email: string;
  readonly name: string;
  readonly passwordFile?: string;
  readonly passwordEnv?: string;
}

/** create-organization, create-owner and setup-link: those without an organization to begin with. */
export function addPeopleCommands(program: Program): void {
  addCommand(program, 'create-organization', 'make an organization')
    .requiredOption('--name <name>', 'its name')
    .option('--slug <slug>', 'its short name in addresses; made from the name when left out')
    .option('--time-zone <zone>', 'its time zone, such as Europe/Lisbon')
    .action(makeOrganization);
  addCommand(program, 'create-owner', 'make a person who owns an organization')
    .requiredOption('-o, --organization <name>', 'short name or id of the organization')
    .requiredOption('--email <address>', 'e-mail address to sign in with')
    .requiredOption('--name <name>', 'name of the person')
    .option('--password-file <file>', 'file that holds the password; - reads standard input')
    .option('--password-env <variable>', 'environment variable that holds the password')
    .action(makeOwner);
  addCommand(program, 'setup-link', 'print a one-time address that makes the first owner').action(
    (options: CommonOptions) =>
      run(options, async ({ services }) => {
        const { url, expiresAt } = await createSetupLink(services);
        return {
          json: { url, expiresAt: expiresAt.toISOString() },
          lines: [url, `Open it once, until ${time(expiresAt)} UTC.`],
        };
      }),
  );
}

function makeOrganization({ name, slug, timeZone, ...options }: OrganizationOptions): Promise<void> {
  return run(options, async ({ services, operator }) => {
    const made = await createOrganization(services, operator, {
      name,
      ...(slug === undefined ? {} : { slug }),
      ...(timeZone === undefined ? {} : { timeZone }),
    });
    return { json: made, lines: facts({ Organization: made.name, 'Short name': made.slug, Id: made.id }) };
  });
}

function makeOwner({ organization, email, name, ...options }: OwnerOptions): Promise<void> {
  return run(options, async ({ services, operator }) => {
    const password = await readSecret({ file: options.passwordFile, variable: options.passwordEnv });
    if (password === undefined) throw new UsageError('Give --password-file or --password-env.');
    const made = await createOwner(services, operator, { organization, email, name, password });
    return { json: made, lines: facts({ Owner: made.email, Id: made.id }) };
  });
}
