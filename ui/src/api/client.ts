// The calls the page makes. Types come from the server's OpenAPI file (`npm run gen`).
// Every call either returns the answer, or throws `ApiError` or `Cancelled`.
import createClient from 'openapi-fetch'
import { ApiError, Cancelled, problemFrom } from './problem'
import type { paths } from './schema'
import type {
  FieldsAnswer,
  FieldsRequest,
  HistogramAnswer,
  HistogramRequest,
  SearchAnswer,
  SearchRequest,
  SqlAnswer,
  SqlRequest,
  Table,
} from './types'

const http = createClient<paths>({ baseUrl: location.origin })

export async function tables(): Promise<Table[]> {
  return (await answer(http.GET('/api/v1/tables'))).tables
}

export function search(body: SearchRequest, signal: AbortSignal): Promise<SearchAnswer> {
  return answer(http.POST('/api/v1/search', { body, signal }))
}

export function histogram(body: HistogramRequest, signal: AbortSignal): Promise<HistogramAnswer> {
  return answer(http.POST('/api/v1/histogram', { body, signal }))
}

export function fields(body: FieldsRequest, signal: AbortSignal): Promise<FieldsAnswer> {
  return answer(http.POST('/api/v1/fields', { body, signal }))
}

export function sql(body: SqlRequest, signal: AbortSignal): Promise<SqlAnswer> {
  return answer(http.POST('/api/v1/sql', { body, signal }))
}

/** Tells the server to stop working on a query. Best effort: it may have ended already. */
export function stopQuery(queryId: string): void {
  http.DELETE('/api/v1/queries/{query_id}', { params: { path: { query_id: queryId } } }).catch(() => {})
}

async function answer<Data>(call: Promise<{ data?: Data; error?: unknown; response: Response }>): Promise<Data> {
  let result
  try {
    result = await call
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') throw new Cancelled()
    const detail = thrown instanceof Error ? thrown.message : String(thrown)
    throw new ApiError({ title: 'No answer from the server', detail, status: 0 })
  }
  if (result.response.ok && result.data !== undefined) return result.data
  throw new ApiError(problemFrom(result.error, result.response.status, result.response.headers.get('x-request-id')))
}
