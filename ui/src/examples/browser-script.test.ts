// The script that sites include (examples/browser/kura.js), in a page that is made up: what it sends, when, and what it does
// when nobody takes it.
import { beforeEach, expect, test, vi } from 'vitest'
import script from '../../../examples/browser/kura.js?raw'

type Send = (event: Record<string, unknown>) => void
type Kura = ((where: { url: string; key: string; stream: string }) => void) & { send: Send }
interface Posted {
  url: string
  body: string
  method: string
  keepalive: boolean
  headers: Record<string, string>
}

class FakePage {
  document = { hidden: false }
  location = { pathname: '/shop', search: '?token=secret' }
  sessionStorage: Record<string, string> = {}
  posted: Posted[] = []
  beacons: { url: string; body: string }[] = []
  takesBeacons = true
  /** What the server answers, in turn; then 200. `null`: there is no connection. */
  answers: (number | null)[] = []
  kura: Kura
  #listeners: Record<string, (event: object) => void> = {}

  constructor(globals: object = {}) {
    const scope: Record<string, unknown> = {
      document: this.document,
      location: this.location,
      sessionStorage: this.sessionStorage,
      navigator: { sendBeacon: (url: string, body: string) => this.takesBeacons && this.beacons.push({ url, body }) > 0 },
      fetch: (url: string, init: Omit<Posted, 'url'>) => this.#fetch({ url, ...init }),
      addEventListener: (type: string, listener: (event: object) => void) => (this.#listeners[type] = listener),
      // Ours, so that the clock is the test's.
      setTimeout: (...args: Parameters<typeof setTimeout>) => setTimeout(...args),
      setInterval: (...args: Parameters<typeof setInterval>) => setInterval(...args),
    }
    Object.defineProperties(scope, Object.getOwnPropertyDescriptors(globals))
    // `with` looks names up when the script does, as a window is looked up: a storage may throw only then.
    this.kura = new Function('scope', `with (scope) {${script}; return kura}`)(scope)
    this.kura({ url: 'https://kura.example', key: 'write-only-key-1', stream: 'web' })
  }

  happens(type: string, event: object = {}): void {
    this.#listeners[type]!(event)
  }

  hide(): void {
    this.document.hidden = true
    this.happens('visibilitychange')
  }

  /** The events of every body that was posted. */
  get sent(): Record<string, unknown>[][] {
    return this.posted.map(({ body }) => body.split('\n').map((line) => JSON.parse(line)))
  }

  async #fetch(request: Posted): Promise<{ ok: boolean }> {
    this.posted.push(request)
    const status = this.answers.length > 0 ? this.answers.shift()! : 200
    if (status === null) throw new TypeError('no connection')
    return { ok: status < 300 }
  }
}

const seconds = (n: number) => vi.advanceTimersByTimeAsync(n * 1000)

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 20, 12) })
  return () => vi.useRealTimers()
})

test('it has at most 1,024 bytes', () => {
  expect(new TextEncoder().encode(script).length).toBeLessThanOrEqual(1024)
})

test('a view is sent, with time, page and session, and without what stands behind the question mark', async () => {
  const page = new FakePage()
  await seconds(5)
  expect(page.posted[0]).toMatchObject({
    url: 'https://kura.example/api/v1/ingest/web?key=write-only-key-1',
    method: 'POST',
    keepalive: true,
  })
  const session = page.sessionStorage.kura!
  expect(session).toMatch(/^0\.\d+$/)
  expect(page.sent).toEqual([[{ time: '2026-11-20T12:00:00.000Z', level: 'info', page: '/shop', session, event: 'view' }]])
  expect(page.posted[0]!.body).not.toContain('secret')
})

test('a session lasts from page to page', async () => {
  const first = new FakePage()
  const next = new FakePage({ sessionStorage: first.sessionStorage })
  await seconds(5)
  expect(next.sent[0]![0]!.session).toBe(first.sent[0]![0]!.session)
})

test('where storage is forbidden there is no session, and all else', async () => {
  const page = new FakePage({
    get sessionStorage(): never {
      throw new DOMException('denied', 'SecurityError')
    },
  })
  await seconds(5)
  expect(page.sent[0]![0]).toMatchObject({ event: 'view', page: '/shop' })
  expect(page.sent[0]![0]).not.toHaveProperty('session')
})

test('events wait for each other, for five seconds or until they are fifty', async () => {
  const page = new FakePage()
  for (let n = 0; n < 48; n += 1) page.kura.send({ event: 'click', n })
  expect(page.posted).toEqual([])
  page.kura.send({ event: 'click', n: 48 })
  expect(page.sent.map((events) => events.length)).toEqual([50])
  page.kura.send({ event: 'click', n: 49, basket: { items: 3 } })
  await seconds(5)
  expect(page.sent[1]).toMatchObject([{ event: 'click', n: 49, basket: { items: 3 } }])
  await seconds(60)
  expect(page.posted.length).toBe(2)
})

test.each([[null], [503], [429]])('after a failure (%s) it tries once more, under the same key', async (failure) => {
  const page = new FakePage()
  page.answers = [failure]
  await seconds(5)
  await seconds(3)
  const [first, second] = page.posted
  expect(page.posted.length).toBe(2)
  expect(second).toEqual(first)
  expect(first!.headers['Idempotency-Key']).toMatch(/^0\.\d+0\.\d+/)
})

test('after two failures it gives up; the next batch has a key of its own', async () => {
  const page = new FakePage()
  page.answers = [null, null]
  await seconds(60)
  expect(page.posted.length).toBe(2)
  page.kura.send({ event: 'click' })
  await seconds(5)
  const keys = page.posted.map(({ headers }) => headers['Idempotency-Key'])
  expect([page.posted.length, new Set(keys).size]).toEqual([3, 2])
})

test('a page that is hidden leaves what it has to the browser', async () => {
  const page = new FakePage()
  page.kura.send({ event: 'click' })
  page.hide()
  expect(page.beacons.map(({ body }) => body.split('\n').length)).toEqual([2])
  expect(page.beacons[0]!.url).toBe('https://kura.example/api/v1/ingest/web?key=write-only-key-1')
  page.hide()
  await seconds(60)
  expect([page.beacons.length, page.posted.length]).toEqual([1, 0])
})

test('what the browser does not take is posted', () => {
  const page = new FakePage()
  page.takesBeacons = false
  page.hide()
  expect(page.posted.length).toBe(1)
})

test('a body that is large does not ask to outlive the page: browsers would refuse it', async () => {
  const page = new FakePage()
  page.kura.send({ event: 'click', text: 'x'.repeat(20_000) })
  await seconds(5)
  expect(page.posted[0]!.keepalive).toBe(false)
})

test('uncaught errors and rejections are events', async () => {
  const page = new FakePage()
  page.happens('error', { message: 'Uncaught Error: no bottom' })
  page.happens('unhandledrejection', { reason: new Error('no answer') })
  page.happens('unhandledrejection', {})
  await seconds(5)
  expect(page.sent[0]!.slice(1)).toMatchObject([
    { event: 'error', level: 'error', message: 'Uncaught Error: no bottom' },
    { event: 'unhandledrejection', level: 'error', message: 'Error: no answer' },
    { event: 'unhandledrejection', level: 'error', message: 'undefined' },
  ])
})

test('a page that fails for ever sends 999 events', async () => {
  const page = new FakePage()
  for (let n = 0; n < 5000; n += 1) page.happens('error', { message: 'again' })
  await seconds(60)
  expect(page.sent.flat().length).toBe(999)
})
