// kafkajs: one feature per run; see tests/interop/run for the contract.
const assert = require('node:assert')
const fs = require('node:fs')
const { Kafka, CompressionTypes, CompressionCodecs, logLevel } = require('kafkajs')

const feature = process.argv[2]
const env = process.env
const topic = env.TOPIC
const count = Number(env.COUNT)
const values = Array.from({ length: count }, (_, i) => `value ${i} `.repeat(10))

const ssl =
  feature === 'tls'
    ? {
        ca: [fs.readFileSync(`${env.TLS_DIR}/ca.pem`)],
        cert: fs.readFileSync(`${env.TLS_DIR}/client.pem`),
        key: fs.readFileSync(`${env.TLS_DIR}/client.key`),
      }
    : env.SASL_MECHANISM
      ? { ca: [fs.readFileSync(`${env.TLS_DIR}/ca.pem`)] }
      : undefined
const sasl = env.SASL_MECHANISM
  ? {
      mechanism: env.SASL_MECHANISM.toLowerCase(),
      username: env.SASL_USER,
      password: env.SASL_PASSWORD,
    }
  : undefined
const kafka = new Kafka({ brokers: [env.BOOTSTRAP], ssl, sasl, logLevel: logLevel.ERROR })

function codec() {
  if (feature === 'gzip') return CompressionTypes.GZIP
  if (feature === 'snappy') {
    CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy')
    return CompressionTypes.Snappy
  }
  if (feature === 'lz4') {
    const lz4 = require('lz4js')
    CompressionCodecs[CompressionTypes.LZ4] = () => ({
      // The package does not say that its one block stands alone, which Java insists on.
      compress: async encoder => {
        const frame = Buffer.from(lz4.compress(encoder.buffer))
        frame[4] |= 0x20
        frame[6] = (require('lz4js/xxh32').hash(0, frame, 4, 2) >> 8) & 0xff
        return frame
      },
      decompress: async bytes => Buffer.from(lz4.decompress(bytes)),
    })
    return CompressionTypes.LZ4
  }
  if (feature === 'zstd') {
    const simple = new Promise(resolve =>
      require('zstd-codec').ZstdCodec.run(zstd => resolve(new zstd.Simple()))
    )
    CompressionCodecs[CompressionTypes.ZSTD] = () => ({
      compress: async encoder => Buffer.from((await simple).compress(encoder.buffer)),
      decompress: async bytes => Buffer.from((await simple).decompress(bytes)),
    })
    return CompressionTypes.ZSTD
  }
  return CompressionTypes.None
}

async function produce(items) {
  const idempotent = feature === 'idempotent'
  const producer = kafka.producer({ idempotent, maxInFlightRequests: 1 })
  await producer.connect()
  const messages = items.map((value, i) => ({
    key: 'k',
    value,
    headers: feature === 'headers' ? { h: `x${i}` } : undefined,
  }))
  await producer.send({ topic, messages, acks: -1, compression: codec() })
  await producer.disconnect()
}

async function consume(groupId, wanted, seconds, options = {}) {
  const consumer = kafka.consumer({ groupId, sessionTimeout: 10000, ...options })
  const found = []
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000)
    consumer.on(consumer.events.CRASH, event => reject(event.payload.error))
    consumer.run({
      eachMessage: async ({ message }) => {
        found.push(message)
        if (found.length === wanted) {
          clearTimeout(timer)
          // The batch in hand is committed when its last message has been handled.
          setTimeout(resolve, 1000)
        }
      },
    })
  })
  await consumer.disconnect()
  return found
}

// The broker that is asked may hear of a change a moment later than the one that made it.
async function until(holds) {
  for (const end = Date.now() + 10000; !(await holds()); ) assert(Date.now() < end, `${holds}`)
}

async function admin() {
  const client = kafka.admin()
  await client.connect()
  await client.createTopics({ topics: [{ topic, numPartitions: 2 }] })
  const { topics } = await client.fetchTopicMetadata({ topics: [topic] })
  assert.strictEqual(topics[0].partitions.length, 2)
  await until(async () => {
    const configs = await client.describeConfigs({ resources: [{ type: 2, name: topic }] })
    return configs.resources[0].configEntries.some(entry => entry.configName === 'cleanup.policy')
  })
  await client.deleteTopics({ topics: [topic] })
  await until(async () => !(await client.listTopics()).includes(topic))
  await client.disconnect()
}

async function transactional() {
  const producer = kafka.producer({ transactionalId: topic, idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  return producer
}

async function sendIn(transaction, items) {
  await transaction.send({ topic, messages: items.map(value => ({ key: 'k', value })) })
}

async function sendOffset(transaction, offset) {
  const topics = [{ topic, partitions: [{ partition: 0, offset }] }]
  await transaction.sendOffsets({ consumerGroupId: env.GROUP, topics })
}

async function readAs(readUncommitted, wanted, seconds) {
  const groupId = `${topic}-${readUncommitted}-${wanted}`
  return (await consume(groupId, wanted, seconds, { readUncommitted })).map(m => m.value.toString())
}

// Commit and abort in turn, with offsets; then a successor fences the first producer.
async function transactions() {
  const half = count / 2
  const zombie = await transactional()
  const first = await zombie.transaction()
  await sendIn(first, values.slice(0, half))
  await sendOffset(first, '7')
  await first.commit()
  const second = await zombie.transaction()
  await sendIn(second, ['aborted'])
  await sendOffset(second, '9')
  await second.abort()
  const open = await zombie.transaction()
  await sendIn(open, ['of a zombie'])
  assert.deepStrictEqual(await readAs(false, half + 1, 5), values.slice(0, half))
  const successor = await transactional()
  // It pauses long between two transactions: a few are enough.
  for (let i = half; i < count; i += 10) {
    const transaction = await successor.transaction()
    if (i === half) await assert.rejects(open.commit())
    await sendIn(transaction, values.slice(i, i + 10))
    await transaction.commit()
  }
  assert.deepStrictEqual(await readAs(false, count, 30), values)
  assert.strictEqual((await readAs(true, count + 2, 30)).length, count + 2)
  const client = kafka.admin()
  await client.connect()
  const [offsets] = await client.fetchOffsets({ groupId: env.GROUP, topics: [topic] })
  assert.strictEqual(offsets.partitions[0].offset, '7')
}

async function main() {
  if (feature === 'version') return console.log(require('kafkajs/package.json').version)
  if (feature === 'admin') return admin()
  if (feature === 'transactions') return transactions()
  await produce(values)
  const found = await consume(env.GROUP, count, 30)
  assert.deepStrictEqual(found.map(m => m.value.toString()), values)
  if (feature === 'headers')
    assert.deepStrictEqual(found.map(m => m.headers.h.toString()), values.map((_, i) => `x${i}`))
  if (feature !== 'group') return
  await produce(['after'])
  const after = await consume(env.GROUP, 2, 12)
  assert.deepStrictEqual(after.map(m => m.value.toString()), ['after'])
}

main().then(
  () => process.exit(0),
  error => {
    console.error(error)
    process.exit(1)
  }
)
