import type { ReactNode } from 'react';
import type { LimitsView, LimitWindow } from '#lib/limits/limits-view.ts';
import { SectionHead } from '#app/_components/page-head.tsx';
import { formatNumber } from '#app/_ui/format-number.ts';
import { RelativeTime } from '#app/_ui/time.tsx';
import { AutoResumeButton } from './auto-resume-button.tsx';
import { CalendarButton } from './calendar-button.tsx';
import { recipientsPolicyWords } from './policy-words.ts';
import { RecipientsPolicyButton } from './recipients-policy-button.tsx';
import { windowWords } from './window-words.ts';

export interface PolicyPanelProps {
  readonly organization: string;
  readonly view: LimitsView;
  readonly why: string | false;
}

/** What the limits do beside their numbers: the day, too many recipients, and auto resume's default. */
export function PolicyPanel({ organization, view, why }: PolicyPanelProps) {
  const { window, nextWindow, policy } = view;
  const recipients = recipientsPolicyWords[policy.recipientsPolicy];
  return (
    <>
      <SectionHead title="Day and policy" />
      <div className="pad grid gap-4">
        <PolicyRow
          name="Day"
          action={
            <CalendarButton
              organization={organization}
              window={nextWindow ?? window}
              zones={Intl.supportedValuesOf('timeZone')}
              why={why}
            />
          }
        >
          <b>{windowWords(window)}.</b>
          {nextWindow !== null && <NextWindow next={nextWindow} />}
        </PolicyRow>
        <PolicyRow
          name="Too many recipients"
          action={
            <RecipientsPolicyButton organization={organization} policy={policy.recipientsPolicy} why={why} />
          }
        >
          <b>{recipients.label}.</b> {recipients.note}
        </PolicyRow>
        <PolicyRow
          name="Auto resume"
          action={
            <AutoResumeButton
              organization={organization}
              project={null}
              isOn={policy.autoResume}
              isInherited={false}
              threshold={policy.autoResumeThreshold}
              why={why}
            />
          }
        >
          <b>{policy.autoResume ? 'On' : 'Off'}</b>, where a project has no choice of its own.{' '}
          {policy.autoResume
            ? `Held mails go out by themselves when room appears${
                policy.autoResumeThreshold === null
                  ? '.'
                  : `, as long as fewer than ${formatNumber(policy.autoResumeThreshold)} wait.`
              }`
            : 'Held mails stay until a person resumes them.'}
        </PolicyRow>
      </div>
    </>
  );
}

/** One choice: its name, what it means now, and the way to change it. */
export function PolicyRow({
  name,
  action,
  children,
}: {
  name: string;
  action?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className="flex items-start justify-between gap-4">
      <div className="min-w-0">
        <h3 className="text-xs text-text-3">{name}</h3>
        <p className="text-text-2 [&_b]:font-medium [&_b]:text-text">{children}</p>
      </div>
      {action}
    </div>
  );
}

function NextWindow({ next }: { next: LimitWindow }) {
  return (
    <>
      {' '}
      From <RelativeTime iso={next.startsAt} style="clock" /> on:{' '}
      {next.kind === 'rolling' ? 'the last 24 hours' : `the calendar day in ${next.timeZone}`}
      {next.endsAt !== null && (
        <>
          , for the first time until <RelativeTime iso={next.endsAt} style="clock" />
        </>
      )}
      .
    </>
  );
}
