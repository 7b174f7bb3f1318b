// Sends events through npm's fluent-logger, as many as it is told to, and waits for their acks.
//
//   node fluent_logger.cjs 127.0.0.1:24224 Message|PackedForward|CompressedPackedForward
//
// A line `FROM TO` on stdin: events of these numbers; answered with `given` once the logger has them, and with
// `acknowledged` once it was told of all of them. NODE_PATH names the packages of package.json.
const readline = require('node:readline')
const logger = require('fluent-logger')
const { Int64BE, Uint64BE } = require('int64-buffer')

const SECONDS = 1_795_219_200

const event = (number) => ({
  level: 'info',
  message: `注文 ${number} — ¡olé! 🛒`,
  n: number,
  basket: { items: [1, 2.5, null, true, { 名: '蔵' }], empty: {} },
  largest: new Uint64BE('18446744073709551615', 10),
  smallest: new Int64BE('-9223372036854775808', 10),
  bytes: Buffer.from('蔵'),
})

const [address, eventMode] = process.argv.slice(2)
const [host, port] = address.split(':')
const sender = logger.createFluentSender('node', {
  host,
  port: Number(port),
  eventMode,
  requireAckResponse: true,
  reconnectInterval: 100,
  internalLogger: { info() {}, error() {} },
})

/** Seconds as a Date has them, and nanoseconds. */
const time = (number) =>
  number % 2 ? new logger.EventTime(SECONDS + number, 123_456_789) : new Date((SECONDS + number) * 1000)

const emit = (number) =>
  new Promise((done, fail) =>
    sender.emit('orders', event(number), time(number), (error) => (error ? fail(error) : done())),
  )

readline
  .createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [from, to] = line.split(' ').map(Number)
    const emitted = []
    for (let number = from; number < to; number += 1) emitted.push(emit(number))
    console.log('given')
    Promise.all(emitted).then(() => console.log('acknowledged'))
  })
  .on('close', () => process.exit(0))
