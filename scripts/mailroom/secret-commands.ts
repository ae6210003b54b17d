import type { Command as Program } from 'commander';
import { rotateSecrets, type Rotation } from '#lib/rotation/rotate-secrets.ts';
import { facts, table } from './output.ts';
import { addCommand, type CommonOptions, run } from './run-command.ts';

/** rotate-secrets: the keys that seal what is secret. */
export function addSecretCommands(program: Program): void {
  addCommand(
    program,
    'rotate-secrets',
    'seal everything that lies under older keys with the first of MAILROOM_KEYS; again until nothing is left',
  ).action((options: CommonOptions) =>
    run(options, async ({ services, operator }) => {
      const rotation = await rotateSecrets(services, operator);
      return { json: rotation, lines: words(rotation) };
    }),
  );
}

function words({ keyId, resealed, notOpened, left, retagged }: Rotation): string[] {
  const report = facts({
    'Sealed anew with': keyId,
    Values: resealed,
    'Not opened': notOpened === 0 ? null : notOpened,
    'Throttles known anew': retagged === 0 ? null : retagged,
  });
  if (left.length === 0)
    return [...report, 'Nothing is left under another key: the older ones can be taken off.'];
  const rows = left.map((each) => [each.table, each.keyId, String(each.values)]);
  const next =
    notOpened === 0
      ? 'These were written meanwhile by a process with older keys. Restart it, and run this again.'
      : 'Those that were not opened need a key that MAILROOM_KEYS does not have, or must be entered again.';
  return [...report, '', ...table(['Left in', 'Under key', 'Values'], rows), next];
}
