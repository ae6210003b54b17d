'use client';

import { Send } from 'lucide-react';
import { useState } from 'react';
import { WorkArea } from '#app/_components/work-area.tsx';
import { Note } from '#app/_ui/banner.tsx';
import { Button } from '#app/_ui/button.tsx';
import { Card } from '#app/_ui/card.tsx';
import { DescriptionList } from '#app/_ui/description-list.tsx';
import { EmptyState } from '#app/_ui/empty-state.tsx';
import type { MailSettingsView } from '#lib/settings/schemas.ts';
import { formOf } from './form-values.ts';
import { SettingsHead, type SettingsHeadProps } from './settings-head.tsx';
import { storedWords } from './secret-row.tsx';
import { TestPanel } from './test-panel.tsx';
import { useTestRun } from './use-test-run.ts';
import type { ValueGroup } from './value-groups.ts';

export interface MailSettingsReaderProps {
  readonly head: SettingsHeadProps;
  readonly groups: readonly ValueGroup[];
  readonly isArchived: boolean;
  readonly writers: readonly string[];
  readonly role: string;
  readonly projectName: string;
  /** Null where this reader may not test, or there is nothing to test. */
  readonly test: { readonly href: string; readonly settings: MailSettingsView } | null;
}

/** The saved values for those who may not change them; who may test still can. */
export function MailSettingsReader(props: MailSettingsReaderProps) {
  const { head, groups, test } = props;
  const [isTesting, setTesting] = useState(false);
  return (
    <WorkArea
      panel={
        isTesting &&
        test !== null && <SavedTest test={test} version={head.version} onClose={() => setTesting(false)} />
      }
    >
      <SettingsHead {...head} />
      <div className="form">
        <div className="row flex-wrap justify-between">
          <Note tone="plain" glyph="ok">
            {whyReadOnly(props)}
          </Note>
          {test !== null && (
            <Button big icon={Send} onClick={() => setTesting(true)}>
              Send test mail
            </Button>
          )}
        </div>
        {groups.length === 0 && (
          <EmptyState kind="no-permission" title="Not set up">
            Mail of this project is accepted and stays queued until somebody sets up its server.
          </EmptyState>
        )}
        {groups.map(({ title, values }) => (
          <Card key={title} title={title} padded>
            <DescriptionList
              wide
              facts={values.map(({ label, text, secret }) => ({
                name: label,
                value: secret === null ? text : <>set {storedWords(secret)}</>,
              }))}
            />
          </Card>
        ))}
      </div>
    </WorkArea>
  );
}

function whyReadOnly({ isArchived, role, projectName, writers }: MailSettingsReaderProps): string {
  if (isArchived) return 'This project is archived. Its settings can be changed after it is restored.';
  const who = new Intl.ListFormat('en-GB').format([...writers]);
  const article = /^[aeiou]/.test(role) ? 'an' : 'a';
  return `Settings are for administrators. You are ${article} ${role} of ${projectName}.${
    writers.length === 0 ? '' : ` ${who} can change that.`
  }`;
}

function SavedTest({
  test,
  version,
  onClose,
}: {
  test: NonNullable<MailSettingsReaderProps['test']>;
  version: number | null;
  onClose: () => void;
}) {
  const { run, start } = useTestRun(test.href, ignoreRefusal);
  return (
    <TestPanel
      form={formOf(test.settings)}
      tested={`Saved values, version ${version ?? 0}`}
      run={run}
      onStart={(to, endpoint) => void start({ input: null, to, endpoint })}
      onReplacePassword={undefined}
      onClose={onClose}
    />
  );
}

// The panel says it; there is no form to mark.
function ignoreRefusal(): void {}
