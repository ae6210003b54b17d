import { z } from 'zod';
import { SectionHead } from '../_components/page-head.tsx';
import { Mono } from '../_ui/machine-words.tsx';
import { inputSchemas, type Operation, outputSchemas, scopeWords } from '#lib/api/operations.ts';
import { problemKinds } from '#lib/api/problem.ts';
import { referenceFields } from '#lib/api/reference-fields.ts';
import { FieldTable } from './field-table.tsx';

const bodyTitles: Readonly<Record<keyof typeof inputSchemas, string>> = {
  ComposedMessage: 'Body: a message for Mailroom to compose',
  FinishedMessage: 'Or: a finished MIME message with its envelope',
  Batch: 'Body',
  ResumeChosen: 'Body: chosen mails',
  ResumeMatching: 'Or: all that match a filter',
  SuspendChosen: 'Body: chosen mails',
  SuspendMatching: 'Or: all that match a filter',
  AllowFlood: 'Body: mails that are held as a flood',
};

/** One operation: how to call it, what goes in, what comes out. */
export function OperationSection({ operation }: { operation: Operation }) {
  const codes = [...new Set(operation.problems)];
  return (
    <section aria-labelledby={operation.id}>
      <SectionHead
        id={operation.id}
        title={operation.summary}
        note={`needs ${scopeWords(operation)}`}
        ruled
      />
      <div className="pad">
        <p>
          <Mono>{`${operation.method.toUpperCase()} ${operation.path}`}</Mono>
        </p>
      </div>
      {operation.query !== undefined && (
        <FieldTable title="Query" fields={referenceFields(z.object(operation.query).partial(), 'input')} />
      )}
      {operation.bodies.map((name) => (
        <FieldTable
          key={name}
          title={bodyTitles[name]}
          fields={referenceFields(inputSchemas[name], 'input')}
        />
      ))}
      {operation.answers.map((answer) => (
        <FieldTable
          key={answer.status}
          title={`${answer.status}: ${answer.description}`}
          fields={referenceFields(outputSchemas[answer.schema], 'output')}
        />
      ))}
      <p className="pad text-text-2">
        Problems:{' '}
        {codes.map((code, index) => (
          <span key={code}>
            {index > 0 && ', '}
            <a className="link mono" href={`#${code}`}>
              {problemKinds[code].status} {code}
            </a>
          </span>
        ))}
      </p>
    </section>
  );
}
