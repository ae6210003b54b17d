'use client';

import { Button } from '#app/_ui/button.tsx';
import { CopyButton, MonoValue } from '#app/_ui/copy-button.tsx';
import { TestVerdict } from '#app/_ui/test-steps.tsx';
import { replyWords, testReport } from './test-report.ts';
import type { FailedEvent } from './test/test-events.ts';
import type { TestRun } from './use-test-run.ts';

/** The end of a failed test: what failed, its stable code, the server's words and what to do (PRODUCT 3.2). */
export function TestFailure({
  run,
  failed,
  onReplacePassword,
}: {
  run: TestRun;
  failed: FailedEvent;
  onReplacePassword: (() => void) | undefined;
}) {
  return (
    <TestVerdict
      title={failed.happened}
      code={<MonoValue value={failed.code} label="Copy code" />}
      said={failed.reply === null ? undefined : replyWords(failed.reply)}
      remedy={failed.todo}
      actions={
        <>
          {failed.stage === 'authenticate' && onReplacePassword && (
            <Button onClick={onReplacePassword}>Replace password</Button>
          )}
          <CopyButton text={testReport(run)} label="Copy report">
            Copy report
          </CopyButton>
        </>
      }
    />
  );
}
