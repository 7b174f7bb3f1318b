// The shapes of the HTTP API under short names.
// They are taken from the generated paths, not from schema names, so that renaming a schema on the server changes nothing here.
import type { paths } from './schema'

type Answer<Path extends keyof paths, Method extends keyof paths[Path]> = paths[Path][Method] extends {
  responses: { 200: { content: { 'application/json': infer Body } } }
}
  ? Body
  : never
type Body<Path extends keyof paths> = paths[Path] extends {
  post: { requestBody: { content: { 'application/json': infer Request } } }
}
  ? Request
  : never

export type Table = Answer<'/api/v1/tables', 'get'>['tables'][number]
export type Column = Table['columns'][number]

export type SearchRequest = Body<'/api/v1/search'>
export type SearchAnswer = Answer<'/api/v1/search', 'post'>
export type HistogramRequest = Body<'/api/v1/histogram'>
export type HistogramAnswer = Answer<'/api/v1/histogram', 'post'>
export type Bucket = HistogramAnswer['buckets'][number]
export type FieldsRequest = Body<'/api/v1/fields'>
export type FieldsAnswer = Answer<'/api/v1/fields', 'post'>
export type FieldValues = FieldsAnswer['fields'][number]
export type SqlRequest = Body<'/api/v1/sql'>
export type SqlAnswer = Answer<'/api/v1/sql', 'post'>
export type Stats = SearchAnswer['stats']

/** One event as the server sends it: columns that are not null, nested structs as objects, JSON text as strings. */
export type LogEvent = Record<string, unknown>
