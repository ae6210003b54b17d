import { can } from '#lib/access/can.ts';
import type { Context } from '#lib/context.ts';
import type { OrganizationOverview } from '#lib/overview/read-organization-overview.ts';
import { paths } from '#lib/paths.ts';
import { BannerSlot } from '../_components/banner-slot.tsx';
import { Banner } from '../_ui/banner.tsx';
import { LinkButton } from '../_ui/button.tsx';
import { RelativeTime } from '../_ui/time.tsx';
import { ConfirmActionButton } from './action-button.tsx';
import { resumeFleet } from './[org]/actions.ts';
import { whyNot } from './permission-words.ts';

/** What stands still for the whole organization: a restored database, or no worker that answers. */
export function FleetBanner({ ctx, overview }: { ctx: Context; overview: OrganizationOverview }) {
  const { fleetStop, workers, slug } = overview;
  if (fleetStop !== null) {
    return (
      <BannerSlot>
        <Banner
          tone="red"
          glyph="database"
          title="Sending stands still: the database was restored."
          since={
            <>
              since <RelativeTime iso={fleetStop.at.toISOString()} style="minute" />
            </>
          }
          action={
            <ConfirmActionButton
              run={resumeFleet.bind(null, slug)}
              title="Start sending of all projects?"
              description="What the backup held as waiting goes out now. Mail that went out after the backup was made goes out a second time."
              confirmLabel="Start all sending"
              pendingLabel="Starting…"
              why={!can(ctx.actor, 'fleet.resume', null) && whyNot('fleet.resume')}
            >
              Start all sending
            </ConfirmActionButton>
          }
        >
          A copy from a backup must not send everything again. Look at the waiting mails first.
        </Banner>
      </BannerSlot>
    );
  }
  if (workers.answering > 0) return null;
  return (
    <BannerSlot>
      <Banner
        tone="red"
        glyph="failed"
        title="No worker is running: mail is accepted and waits."
        since={
          workers.lastAt !== null && (
            <>
              since <RelativeTime iso={workers.lastAt.toISOString()} style="minute" />
            </>
          )
        }
        action={
          can(ctx.actor, 'fleet.read', null) && (
            <LinkButton href={paths.fleet(slug)}>See the fleet</LinkButton>
          )
        }
      >
        None is lost. Start a worker to send it.
      </Banner>
    </BannerSlot>
  );
}
