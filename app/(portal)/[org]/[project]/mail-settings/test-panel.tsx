'use client';

import { useState } from 'react';
import { Button } from '#app/_ui/button.tsx';
import { Segmented } from '#app/_ui/choices.tsx';
import { CopyButton } from '#app/_ui/copy-button.tsx';
import { DescriptionList } from '#app/_ui/description-list.tsx';
import { formatDuration } from '#app/_ui/format-number.ts';
import { FieldError } from '#app/_ui/field.tsx';
import { TextInput } from '#app/_ui/inputs.tsx';
import { Dialogue, Mono } from '#app/_ui/machine-words.tsx';
import { Pill } from '#app/_ui/pill.tsx';
import { PanelSection, SidePanel } from '#app/_ui/side-panel.tsx';
import { TestSteps } from '#app/_ui/test-steps.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';
import { plannedStages, stageWords, stepList } from './step-list.ts';
import { TestFailure } from './test-failure.tsx';
import { dialogueLines, dialogueText, replyWords } from './test-report.ts';
import type { Endpoint } from '#lib/policy/failover.ts';
import type { SettingsForm } from './form-values.ts';
import type { FailedEvent, PassedEvent, RefusedEvent } from './test/test-events.ts';
import type { TestRun } from './use-test-run.ts';

const looks = {
  running: { word: 'Running', glyph: 'sending', tone: 'ink', weight: 'quiet' },
  passed: { word: 'Passed', glyph: 'sent', tone: 'green', weight: 'quiet' },
  failed: { word: 'Failed', glyph: 'failed', tone: 'red', weight: 'loud' },
  refused: { word: 'Not run', glyph: 'soon', tone: 'amber', weight: 'loud' },
  broken: { word: 'Broken off', glyph: 'soon', tone: 'amber', weight: 'loud' },
} as const;

export interface TestPanelProps {
  readonly form: SettingsForm;
  /** "Saved values, version 14" or "Unsaved values (port 587)". */
  readonly tested: string;
  readonly run: TestRun;
  readonly onStart: (to: string | null, endpoint: Endpoint) => void;
  readonly onReplacePassword: (() => void) | undefined;
  readonly onClose: () => void;
}

/** The test mail: to whom, the steps as they happen, and what came of it (PRODUCT 3). */
export function TestPanel({ form, tested, run, onStart, onReplacePassword, onClose }: TestPanelProps) {
  const [target, setTarget] = useState<'mailbox' | 'other'>('mailbox');
  const [other, setOther] = useState('');
  const addressError = toError(run);
  const look = run.status === 'idle' ? null : looks[run.status];
  const [chosen, setEndpoint] = useState<Endpoint>('primary');
  const hasAlternate = form['connection.kind'] === 'smtp' && form['connection.alternateHost'].trim() !== '';
  const endpoint = hasAlternate ? chosen : 'primary';
  const start = () => onStart(target === 'mailbox' ? null : other, endpoint);
  return (
    <SidePanel
      label="Test mail"
      onClose={onClose}
      header={
        <>
          <h2>Test mail</h2>
          {look && <Pill look={look} />}
          {run.begun && (
            <span className="text-xs text-text-3">
              <RelativeTime iso={run.begun.at} style="clock" />
            </span>
          )}
        </>
      }
      footer={
        <>
          <Button big variant="primary" pending={run.status === 'running' && 'Testing…'} onClick={start}>
            {run.status === 'idle' ? 'Send test mail' : 'Test again'}
          </Button>
          <AgainWords run={run} />
        </>
      }
    >
      <PanelSection>
        <DescriptionList
          facts={[
            {
              name: 'To',
              value: (
                <Segmented
                  small
                  name="test-to"
                  label="To"
                  choices={[
                    { value: 'mailbox', label: 'The mailbox itself' },
                    { value: 'other', label: 'Another address' },
                  ]}
                  value={target}
                  onChange={setTarget}
                />
              ),
            },
            {
              name: 'Address',
              mono: target === 'mailbox',
              value:
                target === 'mailbox' ? (
                  form['sender.address'].trim() || <span className="text-text-3">no From address yet</span>
                ) : (
                  <>
                    <TextInput
                      mono
                      small
                      aria-label="Address of the test mail"
                      inputMode="email"
                      value={other}
                      onChange={(event) => setOther(event.target.value)}
                      onKeyDown={(event) => event.key === 'Enter' && start()}
                      {...(addressError && { 'aria-invalid': true })}
                    />
                    {addressError && <FieldError>{addressError}</FieldError>}
                  </>
                ),
            },
            ...(hasAlternate
              ? [{ name: 'Server', value: <ServerChoice value={endpoint} onChange={setEndpoint} /> }]
              : []),
            { name: 'Tested', value: tested },
          ]}
        />
      </PanelSection>
      <TestProgress form={form} run={run} onReplacePassword={onReplacePassword} />
    </SidePanel>
  );
}

/** Where there are two servers, each is tested by its own values. */
function ServerChoice({ value, onChange }: { value: Endpoint; onChange: (value: Endpoint) => void }) {
  return (
    <Segmented
      small
      name="test-server"
      label="Server"
      choices={[
        { value: 'primary', label: 'Primary' },
        { value: 'alternate', label: 'Alternate' },
      ]}
      value={value}
      onChange={onChange}
    />
  );
}

function toError(run: TestRun): string | undefined {
  if (run.end?.kind !== 'refused') return undefined;
  return run.end.issues.find((issue) => issue.field === 'to')?.message;
}

function AgainWords({ run }: { run: TestRun }) {
  if (run.end?.kind !== 'failed' || run.end.again.failed < 2) return null;
  const { failed, of } = run.end.again;
  return (
    <span className="text-xs text-text-3">
      {failed} of the last {of} tests failed at this step.
    </span>
  );
}

function TestProgress({
  form,
  run,
  onReplacePassword,
}: Pick<TestPanelProps, 'form' | 'run' | 'onReplacePassword'>) {
  const { met, ahead } = stepList(run, plannedStages(form));
  const ended = run.end?.kind === 'failed' || run.end?.kind === 'passed' ? run.end : null;
  const isShown = run.status === 'running' || run.steps.length > 0;
  return (
    <>
      {isShown && (
        <section className="px-0!">
          <h3 className="row justify-between px-5">
            <span>Steps</span>
            <span>{formatDuration(run.elapsedMs)}</span>
          </h3>
          <TestSteps steps={met} totalMs={run.elapsedMs} />
          {run.end?.kind === 'failed' && (
            <TestFailure run={run} failed={run.end} onReplacePassword={onReplacePassword} />
          )}
          {ahead.length > 0 && <TestSteps steps={ahead} totalMs={run.elapsedMs} />}
        </section>
      )}
      <TestNotice run={run} />
      {ended && ended.transcript.length > 0 && <DialogueSection key={run.begun?.messageId} ended={ended} />}
    </>
  );
}

/** What is to be said besides the steps: how to begin, that it arrived, or why it did not run. */
function TestNotice({ run }: { run: TestRun }) {
  switch (run.status) {
    case 'running':
    case 'failed':
      return null;
    case 'idle':
      return (
        <PanelSection>
          <p className="text-text-2">
            A short mail goes the way that every mail goes, with the values as they stand in the form now.
            Nothing has to be saved for it. The test counts towards the limits and is never held.
          </p>
        </PanelSection>
      );
    case 'passed':
      return (
        <PanelSection title="The server took the mail">
          {run.end?.kind === 'passed' && run.end.reply !== null && <Mono>{replyWords(run.end.reply)}</Mono>}
          <p className="mt-1 text-text-2">
            Look whether it arrived at <Mono>{run.begun?.to}</Mono>: what happens after the hand-over, the
            server does not tell.
          </p>
        </PanelSection>
      );
    case 'refused':
      return (
        <PanelSection title="The test did not run">
          <p role="alert">{run.end?.kind === 'refused' && refusedWords(run.end)}</p>
        </PanelSection>
      );
    case 'broken':
      return (
        <PanelSection title="The test was broken off">
          <p role="alert">
            The connection to Mailroom was lost before the test ended. It may have gone out; test again to be
            sure.
          </p>
        </PanelSection>
      );
    default:
      return run.status satisfies never;
  }
}

function refusedWords({ issues, message }: RefusedEvent): string {
  const inForm = issues.filter((issue) => issue.field !== 'to').length;
  if (inForm === 0) return message;
  if (inForm === 1) return `One field needs another value first: ${message}`;
  return `${inForm} fields need another value first. They are marked in the form.`;
}

function DialogueSection({ ended }: { ended: PassedEvent | FailedEvent }) {
  const failed = ended.kind === 'failed' ? ended : null;
  const [isOpen, setOpen] = useState(failed !== null);
  return (
    <section className="border-b-0!">
      <h3 className="row justify-between">
        <span>Dialogue</span>
        <span className="row">
          {isOpen && <CopyButton text={dialogueText(ended.transcript)} label="Copy dialogue" />}
          <Button variant="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? 'Hide' : 'Show'}
          </Button>
        </span>
      </h3>
      {isOpen && (
        <>
          <Dialogue lines={dialogueLines(ended.transcript, failed)} />
          <p className="help">
            Times in ms. Secrets are never in it.
            {failed && ` The test ended at ${stageWords[failed.stage]}.`}
          </p>
        </>
      )}
    </section>
  );
}
