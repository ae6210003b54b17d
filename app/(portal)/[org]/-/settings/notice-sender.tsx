import { Note } from '../../../../_ui/banner.tsx';
import { Card } from '../../../../_ui/card.tsx';
import { Field } from '../../../../_ui/field.tsx';
import { Select } from '../../../../_ui/inputs.tsx';
import type { ProjectChoice } from './organization-form.tsx';

interface NoticeSenderProps {
  readonly projects: readonly ProjectChoice[];
  /** Empty: none. */
  readonly value: string;
  readonly error: string | undefined;
  readonly dirty: boolean;
  readonly onChange: (project: string) => void;
}

/** Which project's mail server carries Mailroom's own notices. */
export function NoticeSender({ projects, value, error, dirty, onChange }: NoticeSenderProps) {
  const chosen = projects.find(({ id }) => id === value);
  return (
    <Card title="Notices by mail">
      <Field
        id="organization-notices"
        label="Notices are sent by"
        help="Mailroom tells owners and administrators of a project when its sending stops, a consent is needed, mail goes by the alternate server, or a client secret, certificate or consent ends: 60, 30, 7 and 1 days ahead."
        error={error}
        dirty={dirty}
      >
        {(aria) => (
          <Select {...aria} value={value} onChange={(event) => onChange(event.target.value)}>
            <option value="">None: notices are only shown here</option>
            {projects
              .filter((project) => project.isSetUp || project.id === value)
              .map((project) => (
                <option key={project.id} value={project.id}>
                  {project.name}
                </option>
              ))}
          </Select>
        )}
      </Field>
      <div className="fld py-1">
        <span aria-hidden="true" />
        {value === '' ? (
          <Note tone="amber" glyph="soon">
            No project is chosen, so nobody is told by mail. Those of the last day are mailed as soon as one
            is.
          </Note>
        ) : chosen === undefined ? (
          <Note tone="red" glyph="failed">
            The chosen project is archived and sends nothing. Choose another.
          </Note>
        ) : (
          <SenderNote chosen={chosen} />
        )}
      </div>
    </Card>
  );
}

function SenderNote({ chosen }: { chosen: ProjectChoice }) {
  if (!chosen.isSetUp) {
    return (
      <Note tone="red" glyph="failed">
        Mail of {chosen.name} is not set up, so nothing is sent.
      </Note>
    );
  }
  if (!chosen.isLive) {
    return (
      <Note tone="amber" glyph="captured">
        {chosen.name} does not send to everybody: its sending mode keeps notices here or sends them elsewhere.
      </Note>
    );
  }
  return (
    <Note tone="plain" glyph="ok">
      Notices stand among the messages of {chosen.name} and name other projects. Choose one whose server fails
      least: about its own stop it tells once it sends again.
    </Note>
  );
}
