import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { z } from 'zod';
import { listSettingsWriters } from '#lib/access/list-settings-writers.ts';
import { getConnection } from '#lib/oauth/get-connection.ts';
import { paths } from '#lib/paths.ts';
import { getMailSettings, type ProjectMailSettings } from '#lib/settings/get-mail-settings.ts';
import { findThrottleSharers, throttleWarning } from '#lib/settings/throttle-sharers.ts';
import { Banner } from '#app/_ui/banner.tsx';
import { readOrNotFound, requireContext } from '#app/_server/context.ts';
import { requireProject } from '#app/_server/overview.ts';
import { portalHost } from '#app/_server/portal-host.ts';
import { portalEnvironment } from '#app/_server/services.ts';
import { changeWords } from './change-words.ts';
import { ConsentOutcome } from './consent-outcome.tsx';
import { MailSettingsReader } from './mail-settings-reader.tsx';
import { MailSettingsScreen } from './mail-settings-screen.tsx';
import type { SettingsHeadProps } from './settings-head.tsx';
import { valueGroups } from './value-groups.ts';

export const metadata: Metadata = { title: 'Mail settings' };

interface MailSettingsPageProps {
  params: Promise<{ org: string; project: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

const query = z.object({ consent: z.string().max(80).nullable().catch(null) });

export default async function MailSettingsPage({ params, searchParams }: MailSettingsPageProps) {
  const { org, project: slug } = await params;
  const ctx = await requireContext(org);
  const current = await readOrNotFound(getMailSettings(ctx, { project: slug }));
  const head = headOf(org, current);
  const testHref = paths.testMail(org, current.project.slug);
  if (!current.may.write || current.project.isArchived) {
    return (
      <MailSettingsReader
        head={head}
        groups={valueGroups(current.settings)}
        isArchived={current.project.isArchived}
        writers={await listSettingsWriters(ctx, { project: slug })}
        role={ctx.actor.kind === 'user' ? ctx.actor.role : 'viewer'}
        projectName={current.project.name}
        test={
          current.may.test && current.settings !== null
            ? { href: testHref, settings: current.settings }
            : null
        }
      />
    );
  }
  const { waiting } = await requireProject(ctx, current.project.slug);
  const { consent } = query.parse(await searchParams);
  const shared = throttleWarning(await findThrottleSharers(ctx, { project: slug }));
  return (
    <>
      {consent !== null && <ConsentOutcome code={consent} />}
      {shared !== null && (
        <Banner tone="amber" glyph="soon" title={shared.text}>
          {shared.wayOut}
        </Banner>
      )}
      <MailSettingsScreen
        target={{ organization: org, project: current.project.slug }}
        saved={{ version: current.version, view: current.settings }}
        head={head}
        testHref={testHref}
        connection={await getConnection(ctx, {
          project: slug,
          portalHost: portalHost(await headers(), portalEnvironment()),
        })}
        waiting={waiting}
      />
    </>
  );
}

function headOf(
  organization: string,
  { project, version, lastChange }: ProjectMailSettings,
): SettingsHeadProps {
  return {
    historyHref: paths.settingsHistory(organization, project.slug),
    version,
    lastChange:
      lastChange === null ? null : { at: lastChange.at, by: lastChange.by, words: changeWords(lastChange) },
  };
}
