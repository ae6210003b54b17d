import type { Metadata } from 'next';
import { ThemeToggle } from '../_components/theme-toggle.tsx';
import { PageHead, SectionHead } from '../_components/page-head.tsx';
import { CodeBlock, Mono } from '../_ui/machine-words.tsx';
import { TextLink } from '../_ui/text-link.tsx';
import { formatBytes } from '../_ui/format-number.ts';
import { portalServices } from '../_server/services.ts';
import { operations } from '#lib/api/operations.ts';
import { problemKinds } from '#lib/api/problem.ts';
import { requestLimitBytes } from '#lib/api/request-limit.ts';
import { stateLabels, waitingLabels } from '#lib/messages/labels.ts';
import { holdReasonFacts } from '#lib/policy/hold-reasons.ts';
import { paths } from '#lib/paths.ts';
import { OperationSection } from './operation-section.tsx';
import { WordTable } from './word-table.tsx';

export const metadata: Metadata = { title: 'API reference' };
export const dynamic = 'force-dynamic';

/** The API as people read it, made from the same tables as its OpenAPI description. */
export default function ReferencePage() {
  const { settings } = portalServices();
  const base = `${settings.portalUrl}/api/v1`;
  return (
    <>
      <header className="row border-b border-line px-gutter py-3 font-semibold">
        <span className="mark" />
        <TextLink href={paths.root()}>Mailroom</TextLink>
        <span className="ml-auto">
          <ThemeToggle />
        </span>
      </header>
      <main id="main" className="mx-auto max-w-[1200px] pb-10">
        <PageHead
          title="API reference"
          actions={<TextLink href={paths.api.description()}>OpenAPI 3.1</TextLink>}
        >
          Hand mail of a project to Mailroom over HTTP, and read what became of it.
        </PageHead>
        <section className="pad" aria-label="First steps">
          <p>
            All addresses begin with <Mono>{base}</Mono>. Every call carries an API key of the project, as{' '}
            <Mono>Authorization: Bearer …</Mono>. Accepted means stored: the answer comes after the commit.
          </p>
          <CodeBlock>{exampleOf(base)}</CodeBlock>
          <p>
            A message has at most {formatBytes(settings.maxMessageBytes)}, a request at most{' '}
            {formatBytes(requestLimitBytes(settings))}. Give an <Mono>Idempotency-Key</Mono> and repeat the
            call whenever you are not sure that it arrived: for 24 hours the same key with the same body gets
            the first answer again. A revoked key is refused at once.
          </p>
          <nav aria-label="Operations">
            <ul className="my-3">
              {operations.map(({ id, summary }) => (
                <li key={id}>
                  <a className="link" href={`#${id}`}>
                    {summary}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
        </section>
        {operations.map((operation) => (
          <OperationSection key={operation.id} operation={operation} />
        ))}
        <SectionHead id="states" title="States of a message" ruled />
        <WordTable
          label="States"
          rows={Object.entries(stateLabels).map(([word, { meaning }]) => ({ word, meaning }))}
        />
        <SectionHead id="waiting" title="Why a message waits" ruled />
        <WordTable
          label="Reasons to wait"
          rows={Object.entries(waitingLabels).map(([word, meaning]) => ({ word, meaning }))}
        />
        <SectionHead id="held" title="Why a message is in the backlog" ruled />
        <WordTable
          label="Reasons to hold"
          rows={Object.entries(holdReasonFacts).map(([word, { meaning }]) => ({ word, meaning }))}
        />
        <SectionHead id="problems" title="Problems" note="RFC 9457, application/problem+json" ruled />
        <WordTable
          label="Problems"
          withAnchors
          rows={Object.entries(problemKinds).map(([word, { status, title }]) => ({
            word,
            meaning: `${status}: ${title}.`,
          }))}
        />
      </main>
    </>
  );
}

function exampleOf(base: string): string {
  return [
    `curl ${base}/projects/PROJECT/messages \\`,
    `  -H 'Authorization: Bearer KEY' \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -H 'Idempotency-Key: order-4711' \\`,
    `  -d '{"to": "Ada <ada@example.com>", "subject": "Your order", "text": "It is on its way."}'`,
  ].join('\n');
}
