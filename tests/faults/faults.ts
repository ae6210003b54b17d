import {
  connectionsCut,
  forgottenConnections,
  noConnectionsLeft,
  readOnly,
  slowDatabase,
} from './database/cut.ts';
import { fullDisk } from './database/small-disk.ts';
import { postgresAway, postgresKilled } from './database/ended.ts';
import { dayChanges } from './clock/day-changes.ts';
import { clockSteps } from './clock/steps.ts';
import { stuckMove, stuckSave } from './database/stuck-session.ts';
import type { Fault } from './fault.ts';
import { filesAndAddresses, hugeMails } from './mail/hostile-callers.ts';
import { limitHit } from './mail/limited.ts';
import { innerAddresses } from './network/inner-addresses.ts';
import { failingNames, movedName } from './network/names.ts';
import { dyingProxy, proxyAsks } from './network/proxied.ts';
import { otherTenant, tamperedHistory } from './people/other-tenant.ts';
import { resumeClicks } from './people/resume-clicks.ts';
import { savedSettings } from './people/saved-settings.ts';
import { killedAnyone } from './processes/killed-anyone.ts';
import { killedRun } from './processes/killed-run.ts';
import { manyProjects } from './processes/many-projects.ts';
import { olderRelease } from './processes/older-release.ts';
import { twoGenerations } from './processes/two-generations.ts';
import { killedPortal, portalWithoutPostgres } from './processes/killed-portal.ts';
import { ewsBusy } from './provider/ews.ts';
import { graphDoubts, graphStorm, tokenRevoked, tokenServerBusy } from './provider/graph.ts';
import { doubtsHeld, killedAt, killedWorkers, poisonedMail } from './processes/killed-worker.ts';
import {
  askedToEnd,
  blockedLoop,
  frozenWorker,
  lateAnswer,
  rollingRestart,
} from './processes/stopped-worker.ts';
import { closing421 } from './server/closing.ts';
import { greylisting, mixedRecipients, refusedOneByOne, slowDown, storm451 } from './server/deferring.ts';
import { closesAfterData, fewConnections, hangsUp, primaryDark, restarts } from './server/dying.ts';
import { certificateChange, tlsCut } from './server/encrypted.ts';
import { injected } from './server/injected.ts';
import { plainServer, signInRefused, smallSize, wrongLineEnds } from './server/odd.ts';
import { halfOpen, readsNothing, tarpit } from './server/silent.ts';

/** Every fault that we know, those that take longest first. */
export const faults: readonly Fault[] = [
  killedAnyone,
  killedWorkers,
  frozenWorker,
  blockedLoop,
  lateAnswer,
  doubtsHeld,
  askedToEnd,
  rollingRestart,
  poisonedMail,
  postgresKilled,
  postgresAway,
  connectionsCut,
  readOnly,
  slowDatabase,
  forgottenConnections,
  noConnectionsLeft,
  stuckSave,
  stuckMove,
  ...killedAt,
  killedPortal,
  portalWithoutPostgres,
  clockSteps,
  dayChanges,
  limitHit,
  fullDisk,
  twoGenerations,
  olderRelease,
  innerAddresses,
  otherTenant,
  tamperedHistory,
  resumeClicks,
  savedSettings,
  hugeMails,
  filesAndAddresses,
  killedRun,
  manyProjects,
  failingNames,
  movedName,
  dyingProxy,
  proxyAsks,
  graphStorm,
  graphDoubts,
  tokenRevoked,
  tokenServerBusy,
  ewsBusy,
  closing421,
  storm451,
  greylisting,
  mixedRecipients,
  refusedOneByOne,
  slowDown,
  closesAfterData,
  hangsUp,
  restarts,
  fewConnections,
  primaryDark,
  tarpit,
  readsNothing,
  halfOpen,
  tlsCut,
  certificateChange,
  wrongLineEnds,
  plainServer,
  smallSize,
  signInRefused,
  injected,
];
