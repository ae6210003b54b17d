'use client';

import { Send } from 'lucide-react';
import { useCallback, useState, type FormEvent } from 'react';
import { WorkArea } from '#app/_components/work-area.tsx';
import { paths } from '#lib/paths.ts';
import { Button } from '#app/_ui/button.tsx';
import { SaveBar } from '#app/_ui/save-bar.tsx';
import type { ConnectionPage } from '#lib/oauth/get-connection.ts';
import { AuthorizationCard } from './authorization-card.tsx';
import { changeList } from './change-list.ts';
import { ConnectionCard } from './connection-card.tsx';
import { authenticationKind } from './connection-form.ts';
import { ConsentCard } from './consent-card.tsx';
import { DangerCard } from './danger-card.tsx';
import { DebugCard } from './debug-card.tsx';
import { EncryptionCard } from './encryption-card.tsx';
import { EwsCard } from './ews-card.tsx';
import { fieldsOf, type SettingsForm } from './form-values.ts';
import { SettingsFormContext } from './form-context.tsx';
import { GraphCard } from './graph-card.tsx';
import { ProviderCard } from './provider-card.tsx';
import { ProxyCard } from './proxy-card.tsx';
import { ConflictDialog, SendingDialog } from './save-dialogs.tsx';
import { SenderCard } from './sender-card.tsx';
import { SendingCard } from './sending-card.tsx';
import { ServerCard } from './server-card.tsx';
import { SettingsHead, type SettingsHeadProps } from './settings-head.tsx';
import { SignInCard } from './sign-in-card.tsx';
import { TestPanel } from './test-panel.tsx';
import type { RefusedEvent } from './test/test-events.ts';
import { useLeaveGuard } from './use-leave-guard.ts';
import { openSecrets, type SaveState, type SaveTarget, showIssues, useSave } from './use-save.ts';
import { type SavedSettings, type SettingsFormState, useSettingsForm } from './use-settings-form.ts';
import { useTestRun } from './use-test-run.ts';

export interface MailSettingsScreenProps {
  readonly target: SaveTarget;
  readonly saved: SavedSettings;
  readonly head: SettingsHeadProps;
  readonly testHref: string;
  /** Consent and tokens of the saved settings. */
  readonly connection: ConnectionPage;
  /** Unfinished mails of the project. */
  readonly waiting: number;
}

/** The form of the mail settings with its test beside it, for those who may change them. */
export function MailSettingsScreen({
  target,
  saved,
  head,
  testHref,
  connection,
  waiting,
}: MailSettingsScreenProps) {
  const state = useSettingsForm(saved);
  const save = useSave(target, state);
  const [isTesting, setTesting] = useState(false);
  useLeaveGuard(state.dirty.size > 0 && !save.isPending);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    save.save();
  };
  return (
    <SettingsFormContext value={state}>
      <WorkArea
        panel={isTesting && <FormTest state={state} testHref={testHref} onClose={() => setTesting(false)} />}
      >
        <SettingsHead {...head} />
        <form onSubmit={onSubmit} noValidate autoComplete="off">
          <fieldset className="form m-0 min-w-0 border-0">
            <legend className="sr-only">Mail settings</legend>
            <ConnectionCard />
            {state.form['connection.kind'] === 'smtp' && <ProviderCard />}
            <SenderCard />
            <ConnectionCards kind={state.form['connection.kind']} />
            {authenticationKind(state.form) === 'oauth' && (
              <>
                <AuthorizationCard target={target} redirectUrl={connection.redirectUrl} />
                <ConsentCard target={target} page={connection} />
              </>
            )}
            <ProxyCard />
            <DebugCard />
            <SendingCard deliveryHref={paths.delivery(target.organization, target.project)} />
            {state.base.version !== null && (
              <DangerCard target={target} version={state.base.version} waiting={waiting} />
            )}
          </fieldset>
          <SaveBar
            changes={changeList(state.dirty, state.savedForm, state.form)}
            pending={save.isPending}
            onDiscard={() => {
              state.discard();
              save.closeQuestion();
            }}
            error={save.message}
            secondary={
              <Button big icon={Send} onClick={() => setTesting(true)}>
                Send test mail
              </Button>
            }
          />
        </form>
      </WorkArea>
      <Questions save={save} state={state} historyHref={head.historyHref} />
    </SettingsFormContext>
  );
}

/** What the chosen protocol asks for, between sender and proxy (PRODUCT 2.2). */
function ConnectionCards({ kind }: { kind: SettingsForm['connection.kind'] }) {
  switch (kind) {
    case 'smtp':
      return (
        <>
          <ServerCard />
          <EncryptionCard />
          <SignInCard />
        </>
      );
    case 'ews':
      return (
        <>
          <EwsCard />
          <SignInCard />
        </>
      );
    case 'graph':
      return <GraphCard />;
    default:
      return kind satisfies never;
  }
}

function Questions({
  save,
  state,
  historyHref,
}: {
  save: SaveState;
  state: SettingsFormState;
  historyHref: string;
}) {
  return (
    <>
      {save.active && <SendingDialog save={save} active={save.active} />}
      {save.conflict && (
        <ConflictDialog
          save={save}
          conflict={save.conflict}
          base={state.base.version}
          historyHref={historyHref}
          onTakeTheirs={() => {
            // Without changes of its own the form follows what the server holds.
            state.discard();
            save.closeQuestion();
          }}
        />
      )}
    </>
  );
}

/** The test of what stands in the form now, saved or not (PRODUCT 3.1). */
function FormTest({
  state,
  testHref,
  onClose,
}: {
  state: SettingsFormState;
  testHref: string;
  onClose: () => void;
}) {
  const onRefused = useCallback(
    (event: RefusedEvent) => {
      const issues = event.issues.filter((issue) => issue.field !== 'to');
      if (issues.length === 0) return;
      if (event.code === 'secret_required') openSecrets(state, { issues });
      showIssues(state, { issues, message: event.message });
    },
    [state],
  );
  const { run, start } = useTestRun(testHref, onRefused);
  const changes = changeList(state.dirty, state.savedForm, state.form);
  const isSaved = changes.length === 0 && state.base.version !== null;
  const names = changes.slice(0, 3).map((change) => change.label);
  const others = changes.length - names.length;
  return (
    <TestPanel
      form={state.form}
      tested={
        isSaved
          ? `Saved values, version ${state.base.version}`
          : `Unsaved values (${names.join(', ')}${others > 0 ? ` and ${others} more` : ''})`
      }
      run={run}
      onStart={(to, endpoint) =>
        void start({
          input: isSaved ? null : fieldsOf(state.form, Date.now()),
          to,
          endpoint,
        })
      }
      onReplacePassword={() => {
        state.set('connection.authentication.password', { kind: 'replace', value: '' });
        showIssues(state, { message: '', issues: [passwordIssue] });
      }}
      onClose={onClose}
    />
  );
}

const passwordIssue = {
  field: 'connection.authentication.password',
  message: 'The server refused it. Type it again.',
};
