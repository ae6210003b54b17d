import { History } from 'lucide-react';
import type { Metadata } from 'next';
import { defaultDeliveryRules, readDelivery } from '#lib/delivery/read-delivery.ts';
import { paths } from '#lib/paths.ts';
import { PageHead } from '#app/_components/page-head.tsx';
import { WorkArea } from '#app/_components/work-area.tsx';
import { requireContext } from '#app/_server/context.ts';
import { requireProject } from '#app/_server/overview.ts';
import { LinkButton } from '#app/_ui/button.tsx';
import { EmptyState } from '#app/_ui/empty-state.tsx';
import { formatNumber } from '#app/_ui/format-number.ts';
import { whyNot } from '../../../permission-words.ts';
import { DeliveryForm } from './delivery-form.tsx';

export const metadata: Metadata = { title: 'Delivery' };

interface DeliveryPageProps {
  params: Promise<{ org: string; project: string }>;
}

/** How mail of the project is tried again, and what becomes of mail of which nobody knows whether it arrived. */
export default async function DeliveryPage({ params }: DeliveryPageProps) {
  const { org, project: slug } = await params;
  const ctx = await requireContext(org);
  const project = await requireProject(ctx, slug);
  const view = await readDelivery(ctx, { project: slug });
  const { version, uncertain } = view;
  return (
    <WorkArea>
      <PageHead
        title="Delivery"
        actions={
          <>
            {uncertain > 0 && (
              <LinkButton big href={paths.uncertain(org, slug)}>
                {formatNumber(uncertain)} uncertain
              </LinkButton>
            )}
            {version !== null && (
              <LinkButton big icon={History} href={paths.settingsHistory(org, slug)}>
                View history
              </LinkButton>
            )}
          </>
        }
      >
        When mail of {project.name} is tried again, and what happens when its arrival is in doubt.
      </PageHead>
      {version === null ? (
        <EmptyState
          kind="nothing-yet"
          title="Mail is not set up yet"
          actions={
            <LinkButton variant="primary" href={paths.mailSettings(org, slug)}>
              Set up mail
            </LinkButton>
          }
        >
          Its retries begin with the default: 1 minute, then three times as long up to 4 hours, for 48 hours.
          They can be changed here once the server is set up.
        </EmptyState>
      ) : (
        <DeliveryForm
          key={version}
          organization={org}
          project={slug}
          view={{ ...view, version }}
          defaults={defaultDeliveryRules}
          why={!view.canWrite && whyDelivery(project.archivedAt !== null)}
        />
      )}
    </WorkArea>
  );
}

function whyDelivery(isArchived: boolean): string {
  return isArchived ? 'The project is archived. Restore it first.' : whyNot('settings.write');
}
