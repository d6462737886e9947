// @platformatic/kafka: one feature per run; see tests/interop/run for the contract.
import assert from 'node:assert'
import fs from 'node:fs'
import {
  Admin, Consumer, FetchIsolationLevels, ProduceAcks, Producer, stringDeserializers, stringSerializers
} from '@platformatic/kafka'

const feature = process.argv[2]
const env = process.env
const topic = env.TOPIC
const count = Number(env.COUNT)
const values = Array.from({ length: count }, (_, i) => `value ${i} `.repeat(10))
const { READ_COMMITTED, READ_UNCOMMITTED } = FetchIsolationLevels

const base = { clientId: 'interop', bootstrapBrokers: [env.BOOTSTRAP], autocreateTopics: true }
if (feature === 'tls' || env.SASL_MECHANISM) base.tls = { ca: [fs.readFileSync(`${env.TLS_DIR}/ca.pem`)] }
if (feature === 'tls') {
  base.tls.cert = fs.readFileSync(`${env.TLS_DIR}/client.pem`)
  base.tls.key = fs.readFileSync(`${env.TLS_DIR}/client.key`)
}
if (env.SASL_MECHANISM)
  base.sasl = { mechanism: env.SASL_MECHANISM, username: env.SASL_USER, password: env.SASL_PASSWORD }

const messagesOf = (items, to = topic) =>
  items.map((value, i) => ({
    topic: to, key: 'k', value, ...(feature === 'headers' ? { headers: { h: `x${i}` } } : {}),
  }))

async function produce(items, to = topic) {
  const producer = new Producer({
    ...base, serializers: stringSerializers, acks: ProduceAcks.ALL, idempotent: feature === 'idempotent',
    compression: ['gzip', 'snappy', 'lz4', 'zstd'].includes(feature) ? feature : 'none',
  })
  await producer.send({ messages: messagesOf(items, to) })
  await producer.close()
}

function consumerOf(groupId) {
  return new Consumer({ ...base, groupId, deserializers: stringDeserializers })
}

// Reads until `wanted` or the time is over; `last` sees the messages before the consumer leaves.
async function consume(groupId, wanted, seconds, more = {}, last = async () => {}) {
  const { from = topic, ...options } = more
  const consumer = consumerOf(groupId)
  const stream = await consumer.consume({
    topics: [from], mode: 'committed', fallbackMode: 'earliest', autocommit: false, maxWaitTime: 500, ...options,
  })
  const found = []
  await new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000)
    stream.on('error', reject)
    stream.on('data', message => {
      found.push(message)
      if (found.length === wanted) {
        clearTimeout(timer)
        resolve()
      }
    })
  })
  await last(found, consumer)
  await consumer.close(true)
  return found
}

function same(found, wanted) {
  const at = wanted.findIndex((value, i) => found[i] !== value)
  const shown = `${found.length} of ${wanted.length}, at ${at}: ${found[at]}`
  assert(found.length === wanted.length && at === -1, shown)
}

const texts = messages => messages.map(m => m.value)

async function readAs(isolationLevel, wanted, seconds) {
  return texts(await consume(`reader-${topic}`, wanted, seconds, { isolationLevel, mode: 'earliest' }))
}

async function group() {
  await produce(values)
  const commit = async found => found.at(-1) && (await found.at(-1).commit())
  same(texts(await consume(env.GROUP, count, 30, {}, commit)), values)
  await produce(['after'])
  same(texts(await consume(env.GROUP, 2, 6, {}, commit)), ['after'])
}

async function admin() {
  const client = new Admin({ ...base, autocreateTopics: false })
  await client.createTopics({ topics: [topic], partitions: 2, replicas: 1 })
  const metadata = await client.metadata({ topics: [topic] })
  assert.strictEqual(metadata.topics.get(topic).partitionsCount, 2)
  const [described] = await client.describeConfigs({ resources: [{ resourceType: 2, resourceName: topic }] })
  assert(described.configs.some(entry => entry.name === 'cleanup.policy'))
  await client.deleteTopics({ topics: [topic] })
  assert(!(await client.listTopics()).includes(topic))
  await client.close()
}

function transactional() {
  return new Producer({ ...base, serializers: stringSerializers, transactionalId: topic, idempotent: true })
}

async function sendIn(transaction, items) {
  await transaction.send({ messages: messagesOf(items) })
}

// Commit and abort in turn, with offsets; then a successor fences the first producer.
async function transactions() {
  const half = count / 2
  const input = `${topic}-input`
  await produce(values, input)
  const zombie = transactional()
  let open
  await consume(env.GROUP, 10, 30, { from: input }, async (found, consumer) => {
    for (const [items, offset, end] of [[values.slice(0, half), 6, 'commit'], [['aborted'], 8, 'abort']]) {
      const transaction = await zombie.beginTransaction()
      await sendIn(transaction, items)
      await transaction.addConsumer(consumer)
      await transaction.addOffset(found[offset])
      await transaction[end]()
    }
    open = await zombie.beginTransaction()
    await sendIn(open, ['of a zombie'])
  })
  same(await readAs(READ_COMMITTED, half + 1, 3), values.slice(0, half))
  const successor = transactional()
  // It pauses a second between two transactions: a few are enough.
  for (let i = half; i < count; i += 10) {
    // Left alone it says that it was producer 0, and Apache Kafka fences it for that, too.
    const transaction = await successor.beginTransaction({ producerId: -1n, producerEpoch: -1 })
    if (i === half) await assert.rejects(open.commit())
    await sendIn(transaction, values.slice(i, i + 10))
    await transaction.commit()
  }
  // Of two aborted transactions of one producer in one fetch it shows the first, also with Apache Kafka:
  // what is committed in the end is judged by kcat.
  const all = await readAs(READ_UNCOMMITTED, count + 2, 30)
  assert.strictEqual(all.length, count + 2)
  same(all.filter(value => value.startsWith('value')), values)
  const client = new Admin(base)
  const [offsets] = await client.listConsumerGroupOffsets({ groups: [env.GROUP] })
  const partition = offsets.topics.find(each => each.name === input).partitions[0]
  assert.strictEqual(partition.committedOffset, 7n)
}

async function plain() {
  await produce(values)
  const found = await consume(env.GROUP, count, 30)
  same(texts(found), values)
  if (feature === 'headers')
    same(found.map(m => m.headers.get('h')), values.map((_, i) => `x${i}`))
}

if (feature === 'version') {
  const package_ = new URL('package.json', import.meta.resolve('@platformatic/kafka').replace(/dist\/.*/, ''))
  console.log(JSON.parse(fs.readFileSync(package_)).version)
} else {
  await ({ group, admin, transactions }[feature] ?? plain)()
}
process.exit(0)
