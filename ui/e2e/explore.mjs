// Drives the real page in a real Chromium, on whatever CloudTrail events the lake has (100 or more).
//
//   node ui/e2e/explore.mjs http://127.0.0.1:7575 [--screenshot FILE]
//
// $CHROMIUM names the browser (else /usr/bin/chromium). One line per check; exit 1 at the first that fails.
// Nothing here waits for a length of time: every wait is for a condition, and gives up after WAIT_MS.
import { chromium } from 'playwright-core'
import { pageIn } from './page.mjs'

const WAIT_MS = 20_000
const HOSTILE = '<img src=x onerror=window.__pwned=1>'
const BROWSER_ARGS =
  '--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'

/** In this order: each starts from an address of its own, none from what the last one left. */
const checks = {
  'events are listed, newest first': async (kura) => {
    await kura.open()
    const times = await kura.eventTimes()
    ensure(times.length >= 10, `only ${times.length} rows are drawn`)
    ensure(times.every((time, row) => row === 0 || time <= times[row - 1]), 'the rows are not in order of time')
    ensure((await kura.total()) >= 10, 'the count above the list is missing')
  },

  'the histogram is drawn and counts what the list counts': async (kura) => {
    await kura.open()
    const bars = await kura.page.locator('[data-testid=plot] rect.bar').count()
    ensure(bars > 0, 'no bar is drawn')
    const legend = digits(await kura.page.locator('[data-testid=histogram] b').first().textContent())
    ensureSame(await kura.total(), legend, 'count above the list, and in the legend')
  },

  'a search filters': async (kura) => {
    await kura.open()
    const before = await kura.total()
    const { value, count } = await kura.rarerEventName(before)
    await kura.search(`eventname:${value}`)
    ensureSame(await kura.total(), count, `events named ${value}`)
    const names = await kura.column('Event')
    ensure(names.length > 0 && names.every((name) => name === value), `rows that are not ${value}: ${names.join(', ')}`)
  },

  'words are found wherever they are, and nothing is said to be nothing': async (kura) => {
    await kura.open()
    const before = await kura.total()
    const { value } = await kura.rarerEventName(before)
    await kura.search(value.toLowerCase())
    const found = await kura.total()
    ensure(found > 0 && found <= before, `${found} of ${before} events have the word`)
    await kura.search('"no event says this"')
    await kura.page.getByTestId('no-events').waitFor()
  },

  'a value of the sidebar narrows, and a second click takes that back': async (kura) => {
    await kura.open()
    const before = await kura.total()
    const value = kura.sidebarValue('eventname')
    const name = await value.getAttribute('data-value')
    await value.click()
    await kura.until('the value is in the address', () => kura.param('q')?.includes(`eventname:${name}`))
    await kura.idle()
    ensure((await kura.total()) < before, 'the count did not go down')
    ensure((await kura.column('Event')).every((shown) => shown === name), `rows that are not ${name}`)
    await kura.sidebarValue('eventname').click()
    await kura.until('the value has left the address', () => !kura.param('q'))
    await kura.idle()
    ensureSame(await kura.total(), before, 'events once the value is out again')
  },

  'a value of the sidebar can be left out': async (kura) => {
    await kura.open()
    const before = await kura.total()
    const value = kura.sidebarValue('eventname')
    const name = await value.getAttribute('data-value')
    await value.hover()
    await kura.page.locator('[data-testid=field-eventname] [data-testid=field-exclude]').first().click()
    await kura.until('the exclusion is in the address', () => kura.param('q')?.includes(`-eventname:${name}`))
    await kura.idle()
    ensure((await kura.total()) < before, 'the count did not go down')
    ensure((await kura.column('Event')).every((shown) => shown !== name), `rows that are still ${name}`)
  },

  'a drag over the histogram narrows the time range': async (kura) => {
    await kura.open()
    const before = await kura.total()
    await kura.dragPlot(0.3, 0.6)
    await kura.until('the range is in the address', () => kura.param('since') && kura.param('until'))
    await kura.idle()
    const [since, until] = [Date.parse(kura.param('since')), Date.parse(kura.param('until'))]
    ensure(since < until, `since ${kura.param('since')}, until ${kura.param('until')}`)
    ensure((await kura.total()) <= before, 'the count went up')
    const times = (await kura.eventTimes()).map((time) => Date.parse(time))
    ensure(times.every((time) => time >= since && time < until), 'a row lies outside the range')
  },

  'an event opens as a tree and as a table, and closes with Escape': async (kura) => {
    await kura.open()
    await kura.rows().first().click()
    const panel = kura.page.getByTestId('event-panel')
    await panel.getByTestId('event-tree').getByText('eventname', { exact: true }).first().waitFor()
    ensure(kura.param('event'), 'the event is not in the address')
    await panel.getByTestId('view-table').click()
    await panel.getByTestId('event-table').getByText('useridentity.type', { exact: true }).waitFor()
    ensureSame(kura.param('view'), 'table', 'view in the address')
    await kura.page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    ensure(!kura.param('event'), 'the event is still in the address')
  },

  'a value of an opened event narrows the search': async (kura) => {
    await kura.open()
    await kura.rows().first().click()
    const line = kura.page.getByTestId('event-tree').locator('li', { hasText: /^eventsource/ }).first()
    await line.hover()
    await line.getByTestId('include').click()
    await kura.until('the value is in the address', () => kura.param('q')?.startsWith('eventsource:'))
    await kura.idle()
    ensure((await kura.total()) > 0, 'nothing is found any more')
  },

  'j, k, Enter and / move without a mouse': async (kura) => {
    await kura.open()
    await kura.page.keyboard.press('j')
    await kura.page.keyboard.press('j')
    await kura.page.keyboard.press('k')
    await kura.page.keyboard.press('Enter')
    await kura.page.getByTestId('event-panel').waitFor()
    const selected = await kura.rows().evaluateAll((rows) => rows.findIndex((row) => row.ariaSelected === 'true'))
    ensureSame(selected, 0, 'selected row')
    await kura.page.keyboard.press('/')
    ensure(await kura.queryBox().evaluate((box) => box === document.activeElement), '/ does not lead to the search bar')
  },

  'new events come on top while live, and wait while somebody reads': async (kura) => {
    const event = (id) => ({ _id: id, _time: '2031-01-01T00:00:00Z', eventname: `${HOSTILE}${id}` })
    await kura.tail([event('first'), event('second')])
    await kura.open()
    const [found] = await kura.eventTimes()
    const button = kura.page.getByTestId('live')
    await button.press('Enter')
    await kura.rows().first().getByText(`${HOSTILE}second`).waitFor()
    await kura.rows().nth(1).getByText(`${HOSTILE}first`).waitFor()
    await kura.until('the search is below', async () => (await kura.eventTimes())[2] === found)
    ensureSame(await button.getAttribute('aria-pressed'), 'true', 'aria-pressed')
    ensureSame(kura.param('live'), '1', 'live in the address')
    await kura.rows().first().click()
    await kura.page.getByTestId('event-tree').getByText(`${HOSTILE}second`).waitFor()
    await button.click()
    await kura.until('live has left the address', () => !kura.param('live'))
    await kura.idle()
    ensureSame((await kura.eventTimes())[0], found, 'time of the newest event after live')
    await kura.tail([event('third')])
    await kura.page.getByTestId('live').click()
    await kura.page.getByTestId('live-new').click()
    await kura.rows().first().getByText(`${HOSTILE}third`).waitFor()
    ensure(!(await kura.page.evaluate(() => '__pwned' in window)), 'the text ran')
  },

  'SQL counts the events': async (kura) => {
    await kura.open('tab=sql')
    await kura.runSql('select count(*) from cloudtrail')
    const shown = await kura.page.getByTestId('sql-result').locator('tbody td').nth(1).textContent()
    const { rows } = (await kura.api('GET', 'tables')).tables.find(({ name }) => name === 'cloudtrail')
    ensureSame(Number(shown), rows, 'events')
  },

  'a wrong statement shows why it is wrong': async (kura) => {
    await kura.open('tab=sql')
    kura.expectStatus(400)
    const answer = kura.page.waitForResponse(/\/api\/v1\/sql$/)
    await kura.runSql('select cuont(*) from cloudtrail')
    const { detail } = await (await answer).json()
    await kura.page.getByRole('alert').getByText(detail).waitFor()
  },

  'a wrong search shows why it is wrong': async (kura) => {
    await kura.open()
    kura.expectStatus(400)
    const answer = kura.page.waitForResponse(/\/api\/v1\/search$/)
    await kura.search('nosuchfield:1')
    const { detail } = await (await answer).json()
    await kura.page.getByRole('alert').getByText(detail).waitFor()
  },

  'a reload brings back query, range, open event and view': async (kura) => {
    await kura.open()
    const { value } = await kura.rarerEventName(await kura.total())
    await kura.search(`eventname:${value}`)
    await kura.rows().first().click()
    await kura.page.getByTestId('view-table').click()
    await kura.page.getByTestId('event-table').waitFor()
    const [event, total] = [kura.param('event'), await kura.total()]
    await kura.reload()
    ensureSame(await kura.queryBox().inputValue(), `eventname:${value}`, 'query')
    ensureSame(await kura.total(), total, 'events')
    await kura.page.getByTestId('event-table').getByText(event, { exact: true }).first().waitFor()
  },

  'a reload brings back the SQL tab, its statement and result': async (kura) => {
    await kura.open('tab=sql')
    await kura.runSql('select 40 + 2 as answer')
    await kura.reload()
    ensureSame(await kura.page.getByTestId('sql').inputValue(), 'select 40 + 2 as answer', 'statement')
    await kura.page.getByTestId('sql-result').getByText('42', { exact: true }).waitFor()
  },

  'the back button undoes a search': async (kura) => {
    await kura.open()
    const before = await kura.total()
    const { value, count } = await kura.rarerEventName(before)
    await kura.search(`eventname:${value}`)
    ensureSame(await kura.total(), count, 'events of the search')
    await kura.page.goBack()
    await kura.until('the search bar is empty', async () => (await kura.queryBox().inputValue()) === '')
    await kura.idle()
    ensureSame(await kura.total(), before, 'events after going back')
    await kura.page.goForward()
    await kura.until('the search is back', async () => (await kura.queryBox().inputValue()) === `eventname:${value}`)
  },

  'the page speaks Japanese': async (kura) => {
    await kura.open()
    await kura.page.getByTestId('language').selectOption('ja')
    await kura.page.getByRole('button', { name: '検索', exact: true }).waitFor()
    ensureSame(await kura.page.evaluate(() => document.documentElement.lang), 'ja', 'lang')
    await kura.reload()
    await kura.page.getByRole('button', { name: '検索', exact: true }).waitFor()
    await kura.page.getByTestId('language').selectOption('en')
    await kura.page.getByRole('button', { name: 'Search', exact: true }).waitFor()
  },

  'the theme changes, and stays': async (kura) => {
    await kura.open()
    const button = kura.page.getByTestId('theme')
    const ground = () => kura.page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const [light, dark] = [await themed(kura, button, 'Light', ground), await themed(kura, button, 'Dark', ground)]
    ensure(light !== dark, `light and dark are both ${light}`)
    await kura.reload()
    ensureSame(await ground(), dark, 'ground after a reload')
  },

  'hostile text in events is text': async (kura) => {
    await kura.poison(HOSTILE)
    await kura.open()
    await kura.rows().first().getByText(HOSTILE).first().waitFor()
    await kura.page.getByTestId('fields').getByText(HOSTILE).first().waitFor()
    await kura.rows().first().click()
    await kura.page.getByTestId('event-tree').getByText(HOSTILE).first().waitFor()
    await kura.page.getByTestId('view-table').click()
    await kura.page.getByTestId('event-table').getByText(HOSTILE).first().waitFor()
    await kura.page.getByTestId('tab-sql').click()
    await kura.runSql('select 1')
    await kura.page.getByTestId('sql-result').getByText(HOSTILE).first().waitFor()
    const found = await kura.page.evaluate(() => ({ ran: '__pwned' in window, images: document.images.length }))
    ensure(!found.ran, 'the text ran')
    ensureSame(found.images, 0, 'images made of text')
  },
}

async function themed(kura, button, wanted, ground) {
  for (let presses = 0; presses < 3; presses += 1) {
    await button.click()
    if ((await button.getAttribute('aria-label')).endsWith(wanted)) return ground()
  }
  throw new Error(`no press of the theme button leads to ${wanted}`)
}

function ensure(holds, otherwise) {
  if (!holds) throw new Error(otherwise)
}

function ensureSame(found, expected, what) {
  ensure(Object.is(found, expected), `${what}: ${found}, not ${expected}`)
}

function digits(text) {
  return Number((text ?? '').replace(/\D/g, ''))
}

function readArguments([base, ...rest]) {
  const named = rest.length === 2 && rest[0] === '--screenshot' ? rest[1] : null
  if (!/^https?:/.test(base ?? '') || (rest.length > 0 && !named)) {
    console.error('usage: node ui/e2e/explore.mjs BASE_URL [--screenshot FILE]')
    process.exit(2)
  }
  return { base: new URL(base).origin, screenshot: named }
}

async function main() {
  const { base, screenshot } = readArguments(process.argv.slice(2))
  const executablePath = process.env.CHROMIUM || '/usr/bin/chromium'
  const browser = await chromium.launch({ executablePath, args: BROWSER_ARGS.split(' ') })
  let [running, passed] = ['', 0]
  try {
    for (const [name, check] of Object.entries(checks)) {
      running = name
      const kura = await pageIn(browser, base, WAIT_MS)
      await check(kura)
      ensure(kura.complaints.length === 0, kura.complaints[0])
      await kura.close()
      console.log(`ok  ${name}`)
      passed += 1
    }
    if (screenshot) await shoot(browser, base, screenshot)
    console.log(`${passed} passed, 0 failed`)
  } catch (problem) {
    console.error(`FAILED  ${running}: ${String(problem.message ?? problem).split('\n')[0]}`)
    console.log(`${passed} passed, 1 failed`)
    process.exitCode = 1
  } finally {
    await browser.close()
  }
}

/** The page with an event open. */
async function shoot(browser, base, file) {
  const kura = await pageIn(browser, base, WAIT_MS)
  await kura.open()
  await kura.rows().nth(2).click()
  await kura.page.getByTestId('event-tree').waitFor()
  await kura.page.screenshot({ path: file })
  await kura.close()
}

await main()
