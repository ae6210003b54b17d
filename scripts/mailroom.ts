// `npm run mailroom -- <verb>`: what an operator does from a terminal, by the verbs that the portal uses.
import { Command, CommanderError } from 'commander';
import { addBacklogCommands } from './mailroom/backlog-commands.ts';
import { addDeliveryCommands } from './mailroom/delivery-commands.ts';
import { addFleetCommands } from './mailroom/fleet-commands.ts';
import { addHistoryCommand } from './mailroom/history-command.ts';
import { addKeyCommands } from './mailroom/key-commands.ts';
import { addLimitCommands } from './mailroom/limit-commands.ts';
import { addMessageCommands } from './mailroom/message-commands.ts';
import { addPeopleCommands } from './mailroom/people-commands.ts';
import { addPoolCommands } from './mailroom/pool-commands.ts';
import { addProjectCommands } from './mailroom/project-commands.ts';
import { exitCodes } from './mailroom/run-command.ts';
import { addSecretCommands } from './mailroom/secret-commands.ts';
import { addSettingsCommands } from './mailroom/settings-commands.ts';
import { addTestCommand } from './mailroom/test-command.ts';

const program = new Command('mailroom')
  .description('Works on the database of DATABASE_URL, or of the "npm start" that runs in this folder.')
  .exitOverride()
  .showHelpAfterError('Add --help to a verb to see what it takes.');

addPeopleCommands(program);
addProjectCommands(program);
addSettingsCommands(program);
addTestCommand(program);
addKeyCommands(program);
addMessageCommands(program);
addDeliveryCommands(program);
addLimitCommands(program);
addPoolCommands(program);
addBacklogCommands(program);
addFleetCommands(program);
addSecretCommands(program);
addHistoryCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Help that was asked for is an answer; everything else is a wrong call.
  process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage;
}
