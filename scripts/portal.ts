// `npm run portal`: the portal alone, for production. Postgres, keys and addresses come from the environment.
import { spawn } from 'node:child_process';
import { EnvironmentError, readServiceEnvironment, type ServiceEnvironment } from '#lib/env.ts';
import { ensurePortalBuilt, portalServerCommand, projectRoot } from './portal-build.ts';

function readPortalEnvironment(): ServiceEnvironment {
  const environment = readServiceEnvironment(process.env);
  if (environment.sessionSecret === null) {
    throw new EnvironmentError([
      'NEXTAUTH_SECRET is not set; it signs sessions and has at least 32 characters.',
    ]);
  }
  return environment;
}

function serve(environment: ServiceEnvironment): void {
  const port = String(environment.portalPort ?? 3000);
  const [command, args] = portalServerCommand(port, environment.portalHost);
  const portal = spawn(command, args, {
    cwd: projectRoot,
    stdio: 'inherit',
    env: {
      ...process.env,
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
      NEXTAUTH_URL: environment.portalUrl,
    },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => portal.kill(signal));
  portal.on('exit', (code) => process.exit(code ?? 1));
}

try {
  const environment = readPortalEnvironment();
  await ensurePortalBuilt((line) => process.stdout.write(`${line}\n`));
  serve(environment);
} catch (error) {
  if (!(error instanceof EnvironmentError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
