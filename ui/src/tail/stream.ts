// One connection to the tail. `EventSource` comes back by itself, with the last id it saw, from whatever breaks a connection;
// from an answer that is no stream (a proxy's 502 while the server restarts) it does not, and then this does, without that id.
import { MESSAGE_KINDS, readMessage, type TailMessage } from './messages'

export type Connection = 'closed' | 'connecting' | 'open' | 'reconnecting' | 'failed'

export interface TailListener {
  message: (message: TailMessage) => void
  connection: (connection: Connection) => void
}

/** The part of `EventSource` that is used. */
export interface Source {
  readonly readyState: number
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void
  close(): void
}

/** What the tail needs of a browser; a test brings its own. */
export interface Surroundings {
  open: (url: string) => Source
  /** Runs before one of the next pictures is drawn: soon, and not too often. */
  frame: (run: () => void) => void
  /** Runs later, unless the returned function is called before. */
  after: (ms: number, run: () => void) => () => void
}

const CLOSED = 2
const WAITS_MS = [1000, 2000, 5000, 10_000, 30_000]
/** So often an answer may be no stream before there ever was one: then this server has none, or not for us. */
const REFUSALS_MAX = 3

export class TailStream {
  #source: Source | null = null
  #cancelRetry = () => {}
  #everOpen = false
  #failures = 0

  constructor(
    readonly url: string,
    readonly listener: TailListener,
    readonly around: Surroundings,
  ) {
    this.#open('connecting')
  }

  close(): void {
    this.#cancelRetry()
    this.#source?.close()
    this.#source = null
    this.listener.connection('closed')
  }

  #open(connection: Connection): void {
    const source = this.around.open(this.url)
    this.#source = source
    this.listener.connection(connection)
    // A source that was closed may still have something under way.
    const whileMine = (run: (event: MessageEvent<string>) => void) => (event: MessageEvent<string>) => {
      if (this.#source === source) run(event)
    }
    source.addEventListener('open', whileMine(() => this.#opened()))
    source.addEventListener('error', whileMine(() => this.#broken(source)))
    for (const kind of MESSAGE_KINDS) {
      source.addEventListener(kind, whileMine((event) => this.#hear(readMessage(kind, event.data))))
    }
  }

  #opened(): void {
    const idLost = this.#everOpen && this.#failures > 0
    this.#everOpen = true
    this.#failures = 0
    this.listener.connection('open')
    if (idLost) this.listener.message({ kind: 'gap', reason: '', skipped: null })
  }

  #broken(source: Source): void {
    const trying = this.#everOpen ? 'reconnecting' : 'connecting'
    if (source.readyState !== CLOSED) return this.listener.connection(trying)
    this.#failures += 1
    if (!this.#everOpen && this.#failures >= REFUSALS_MAX) {
      this.close()
      return this.listener.connection('failed')
    }
    this.#source = null
    this.listener.connection(trying)
    const wait = WAITS_MS[Math.min(this.#failures, WAITS_MS.length) - 1]!
    this.#cancelRetry = this.around.after(wait, () => this.#open(trying))
  }

  #hear(message: TailMessage | null): void {
    if (!message) return
    if (message.kind === 'refused') this.close()
    this.listener.message(message)
  }
}

/** Where the events of a table that fit a query are told as they come. */
export function tailUrl({ table, query }: { table: string; query: string }): string {
  return `/api/v1/tail?${new URLSearchParams(query ? { table, query } : { table })}`
}
