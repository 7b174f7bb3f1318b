// What went wrong, in the one shape the page shows: the server's problem+json, or our own words when there was no answer.

export interface Problem {
  title: string
  detail: string
  hint?: string
  status: number
  requestId?: string
}

/** Thrown by every call of the client; a cancelled call throws `Cancelled` instead. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title)
    this.name = 'ApiError'
  }
}

export class Cancelled extends Error {
  override name = 'Cancelled'
}

/** Reads a problem+json body, and copes with whatever a proxy in between answers. */
export function problemFrom(body: unknown, status: number, requestIdSent?: string | null): Problem {
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  const text = (key: string) => (typeof fields[key] === 'string' ? (fields[key] as string) : '')
  const problem: Problem = {
    title: text('title') || `HTTP ${status}`,
    detail: text('detail') || (typeof body === 'string' ? body.slice(0, 500) : ''),
    status,
  }
  const hint = text('hint')
  if (hint) problem.hint = hint
  const requestId = text('request_id') || requestIdSent
  if (requestId) problem.requestId = requestId
  return problem
}

/** Whatever was thrown, as something to show; `null` for a call that was cancelled on purpose. */
export function problemOf(thrown: unknown): Problem | null {
  if (thrown instanceof Cancelled) return null
  if (thrown instanceof ApiError) return thrown.problem
  return { title: 'Error', detail: thrown instanceof Error ? thrown.message : String(thrown), status: 0 }
}
