// Kura's page as the checks see it: what one does on it, what it shows, and every complaint it makes meanwhile.

/** A page with a profile of its own: no choice of an earlier check is stored in it. */
export async function pageIn(browser, base, waitMs) {
  const context = await browser.newContext({
    locale: 'en-US',
    timezoneId: 'UTC',
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(waitMs)
  const kura = new KuraPage(page, base, waitMs)
  await kura.listen()
  return kura
}

class KuraPage {
  /** Errors on the console, violations of the policy, requests to other hosts. */
  complaints = []
  #expectedStatus = null
  #waitMs

  constructor(page, base, waitMs) {
    this.page = page
    this.base = base
    this.#waitMs = waitMs
  }

  async listen() {
    const { page } = this
    await page.exposeBinding('__violated', (_, what) => this.complaints.push(`policy violation: ${what}`))
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) =>
        window.__violated(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`),
      )
    })
    page.on('pageerror', (error) => this.complaints.push(`uncaught: ${error.message}`))
    page.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return
      if (this.#expectedStatus && message.text().includes(`status of ${this.#expectedStatus}`)) return
      this.complaints.push(`console: ${message.text()}`)
    })
    page.on('request', (request) => {
      const { protocol, origin } = new URL(request.url())
      if (protocol !== 'data:' && protocol !== 'blob:' && origin !== this.base) this.complaints.push(`request to ${request.url()}`)
    })
  }

  /** The browser writes an answer like this to the console: here that is what is wanted. */
  expectStatus(status) {
    this.#expectedStatus = status
  }

  async open(search = '') {
    await this.page.goto(`${this.base}/${search && `?${search}`}`)
    await this.idle()
  }

  async reload() {
    await this.page.reload()
    await this.idle()
  }

  async close() {
    await this.page.context().close()
  }

  /** Until what is visible has its answer. */
  async idle() {
    await this.page.locator('[aria-busy]:visible').first().waitFor()
    await this.page.waitForFunction(() => !document.querySelector('.tab:not([hidden]) [aria-busy=true]'))
    const problem = this.page.getByRole('alert')
    if (!this.#expectedStatus && (await problem.isVisible())) throw new Error(`the page shows: ${await problem.innerText()}`)
    const chart = this.page.locator('[data-testid=histogram] .problem')
    if (!this.#expectedStatus && (await chart.isVisible())) throw new Error(`the histogram shows: ${await chart.innerText()}`)
  }

  async until(what, holds) {
    const end = Date.now() + this.#waitMs
    while (!(await holds())) {
      if (Date.now() > end) throw new Error(`waited in vain until ${what}`)
      await this.page.evaluate(() => new Promise(requestAnimationFrame))
    }
  }

  param(name) {
    return new URL(this.page.url()).searchParams.get(name)
  }

  queryBox() {
    return this.page.getByTestId('query')
  }

  async search(query) {
    await this.queryBox().fill(query)
    await this.queryBox().press('Enter')
    await this.until('the query is in the address', () => this.param('q') === query)
    await this.idle()
  }

  rows() {
    return this.page.getByTestId('event-row')
  }

  /** How many events match, as the line above the list says. */
  async total() {
    const text = await this.page.locator('.tab:not([hidden]) [data-testid=stats] strong').textContent()
    return Number(text.replace(/\D/g, ''))
  }

  eventTimes() {
    return this.rows().locator('time').evaluateAll((times) => times.map((time) => time.dateTime))
  }

  /** The cells under a heading, of the rows that are drawn. */
  column(heading) {
    return this.page.locator('[data-testid=explore] table').evaluate((table, heading) => {
      const index = [...table.querySelectorAll('th')].findIndex((th) => th.textContent.trim() === heading)
      return [...table.querySelectorAll('[data-testid=event-row]')].map((row) => row.cells[index]?.textContent.trim())
    }, heading)
  }

  sidebarValue(field) {
    return this.page.locator(`[data-testid=field-${field}] [data-testid=field-value]`).first()
  }

  async dragPlot(from, to) {
    const { x, y, width, height } = await this.page.getByTestId('plot').boundingBox()
    const at = (share) => [x + width * share, y + height / 2]
    await this.page.mouse.move(...at(from))
    await this.page.mouse.down()
    await this.page.mouse.move(...at((from + to) / 2))
    await this.page.mouse.move(...at(to))
    await this.page.mouse.up()
  }

  async runSql(statement) {
    await this.page.getByTestId('sql').fill(statement)
    await this.page.getByTestId('run-sql').click()
    await this.until('the statement is in the address', () => this.page.url().includes('#sql='))
    await this.idle()
  }

  /** An event name that some of the events have, not all: a search for it must narrow. */
  async rarerEventName(total) {
    const { fields } = await this.api('POST', 'fields', { query: '', fields: ['eventname'], limit: 20 })
    const found = fields[0].values.filter(({ count }) => count < total).at(-1)
    if (!found) throw new Error('all events of the lake have the same name')
    return found
  }

  /** Asks the server past the page. */
  async api(method, path, body) {
    const init = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const response = await fetch(`${this.base}/api/v1/${path}`, { method, ...init })
    if (!response.ok) throw new Error(`${path} answers ${response.status}: ${await response.text()}`)
    return response.json()
  }

  /** From now on the tail says these events, the oldest first, whatever the server has. */
  async tail(events) {
    const body = `retry: 3600000\nid: 1\nevent: rows\ndata: ${JSON.stringify({ events })}\n\n`
    await this.page.route('**/api/v1/tail?*', (route) => route.fulfill({ contentType: 'text/event-stream', body }))
  }

  /** From now on every text of events, field values and SQL results is `text`, save times and ids. */
  async poison(text) {
    const kept = new Set(['_time', '_id'])
    const spoil = (value, key) => {
      if (typeof value === 'string') return kept.has(key) ? value : text
      if (typeof value !== 'object' || value === null) return value
      if (Array.isArray(value)) return value.map((item) => spoil(item, key))
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, spoil(item, key)]))
    }
    const answers = {
      search: (answer) => ({ ...answer, events: spoil(answer.events) }),
      fields: (answer) => ({
        ...answer,
        fields: answer.fields.map((field) => ({ ...field, values: field.values.slice(0, 1).map((value) => spoil(value)) })),
      }),
      sql: (answer) => ({ ...answer, columns: [{ name: text, type: text }], rows: [[text]] }),
    }
    for (const [path, change] of Object.entries(answers)) {
      await this.page.route(`**/api/v1/${path}`, async (route) => {
        const response = await route.fetch()
        await route.fulfill({ response, json: change(await response.json()) })
      })
    }
  }
}
