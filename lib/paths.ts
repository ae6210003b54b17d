/**
 * Every address of the portal and the API, built in one place. Parts are escaped here, so callers pass them as they
 * are. The API's paths take what callers write: ids or short names.
 */

type Query = Readonly<Record<string, string | number | null | undefined>>;

function path(...parts: readonly string[]): string {
  return `/${parts.map(encodeURIComponent).join('/')}`;
}

function withQuery(base: string, query: Query | undefined): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== '') given.set(name, String(value));
  }
  const text = given.toString();
  return text === '' ? base : `${base}?${text}`;
}

export const paths = {
  root: () => '/',
  signIn: (query?: { from?: string }) => withQuery('/sign-in', query),
  setup: (token: string) => path('setup', token),
  oauthCallback: () => '/oauth/callback',
  consentDone: (query?: Query) => withQuery('/oauth/done', query),
  consentLink: (token: string) => path('oauth', 'consent', token),
  inbox: (query?: Query) => withQuery('/inbox', query),
  inboxRaw: (id: string) => path('inbox', id, 'raw'),

  home: (organization: string) => path(organization),
  newProject: (organization: string) => withQuery(path(organization), { new: 'project' }),
  // No short name is a hyphen, so these hide no project.
  organizationHistory: (organization: string, query?: Query) =>
    withQuery(path(organization, '-', 'history'), query),
  organizationBacklog: (organization: string, query?: Query) =>
    withQuery(path(organization, '-', 'backlog'), query),
  organizationBacklogFile: (organization: string, query?: Query) =>
    withQuery(path(organization, '-', 'backlog', 'file'), query),
  organizationSuspended: (organization: string, query?: Query) =>
    withQuery(path(organization, '-', 'suspended'), query),
  organizationSuspendedFile: (organization: string, query?: Query) =>
    withQuery(path(organization, '-', 'suspended', 'file'), query),
  limits: (organization: string, query?: Query) => withQuery(path(organization, '-', 'limits'), query),
  connections: (organization: string) => path(organization, '-', 'connections'),
  fleet: (organization: string) => path(organization, '-', 'fleet'),
  pools: (organization: string) => path(organization, '-', 'pools'),
  newPool: (organization: string, query?: Query) => withQuery(path(organization, '-', 'pools', 'new'), query),
  pool: (organization: string, pool: string) => path(organization, '-', 'pools', pool),
  organizationSettings: (organization: string) => path(organization, '-', 'settings'),
  account: (organization: string) => path(organization, '-', 'account'),

  project: (organization: string, project: string) => path(organization, project),
  messages: (organization: string, project: string, query?: Query) =>
    withQuery(path(organization, project, 'messages'), query),
  message: (organization: string, project: string, id: string) => path(organization, project, 'messages', id),
  messageRaw: (organization: string, project: string, id: string) =>
    path(organization, project, 'messages', id, 'raw'),
  messagePreview: (organization: string, project: string, id: string) =>
    path(organization, project, 'messages', id, 'preview'),
  backlog: (organization: string, project: string, query?: Query) =>
    withQuery(path(organization, project, 'backlog'), query),
  backlogFile: (organization: string, project: string, query?: Query) =>
    withQuery(path(organization, project, 'backlog', 'file'), query),
  suspended: (organization: string, project: string, query?: Query) =>
    withQuery(path(organization, project, 'suspended'), query),
  suspendedFile: (organization: string, project: string, query?: Query) =>
    withQuery(path(organization, project, 'suspended', 'file'), query),
  projectLimits: (organization: string, project: string, query?: Query) =>
    withQuery(path(organization, project, 'limits'), query),
  flood: (organization: string, project: string) => path(organization, project, 'flood'),
  uncertain: (organization: string, project: string, query?: Query) =>
    withQuery(path(organization, project, 'uncertain'), query),
  delivery: (organization: string, project: string) => path(organization, project, 'delivery'),
  mailSettings: (organization: string, project: string, query?: Query) =>
    withQuery(path(organization, project, 'mail-settings'), query),
  testMail: (organization: string, project: string) => path(organization, project, 'mail-settings', 'test'),
  settingsHistory: (organization: string, project: string, query?: Query) =>
    withQuery(path(organization, project, 'mail-settings', 'history'), query),
  projectHistory: (organization: string, project: string, query?: Query) =>
    withQuery(path(organization, project, 'history'), query),
  keys: (organization: string, project: string) => path(organization, project, 'keys'),

  api: {
    description: () => '/api/v1/openapi.json',
    documentation: () => '/reference',
    messages: (project: string, query?: Query) =>
      withQuery(path('api', 'v1', 'projects', project, 'messages'), query),
    messageBatch: (project: string) => path('api', 'v1', 'projects', project, 'messages', 'batch'),
    message: (project: string, id: string) => path('api', 'v1', 'projects', project, 'messages', id),
    cancelMessage: (project: string, id: string) =>
      path('api', 'v1', 'projects', project, 'messages', id, 'cancel'),
    tryMessageNow: (project: string, id: string) =>
      path('api', 'v1', 'projects', project, 'messages', id, 'try-now'),
    backlog: (project: string, query?: Query) =>
      withQuery(path('api', 'v1', 'projects', project, 'backlog'), query),
    resumeBacklog: (project: string) => path('api', 'v1', 'projects', project, 'backlog', 'resume'),
    suspendBacklog: (project: string) => path('api', 'v1', 'projects', project, 'backlog', 'suspend'),
    bulkRun: (project: string, run: string) => path('api', 'v1', 'projects', project, 'backlog', 'runs', run),
    health: () => '/api/health',
    ready: () => '/api/ready',
    events: (organization: string) => withQuery('/api/events', { org: organization }),
  },
} as const;
