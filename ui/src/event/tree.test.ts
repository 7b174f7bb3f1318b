// An event as tree and table.
import { expect, test } from 'vitest'
import { buildTree, leavesOf } from './tree'

const event = {
  _id: 'e',
  useridentity: { type: 'Root', sessioncontext: { attributes: { mfaauthenticated: 'false' } } },
  resources: [{ arn: 'a' }, { arn: 'b' }],
  requestparameters: '{"bucketName":"logs","policy":"{\\"a\\":1}","x:y":1,"list":[1,2],"none":null}',
  useragent: '{"not":"a json column"}',
}

const leaves = () => leavesOf(buildTree(event, new Set(['requestparameters'])))

test('structs, lists and JSON text are opened, other text is not', () => {
  expect(leaves().map((leaf) => leaf.path)).toEqual([
    '_id',
    'useridentity.type',
    'useridentity.sessioncontext.attributes.mfaauthenticated',
    'resources[0].arn',
    'resources[1].arn',
    'requestparameters.bucketName',
    'requestparameters.policy.a',
    'requestparameters.x:y',
    'requestparameters.list[0]',
    'requestparameters.list[1]',
    'requestparameters.none',
    'useragent',
  ])
})

test('each value knows the term that finds it', () => {
  const terms = Object.fromEntries(leaves().map((leaf) => [leaf.path, leaf.term]))
  expect(terms['requestparameters.bucketName']).toEqual({ field: 'requestparameters.bucketName', value: 'logs', exclude: false })
  expect(terms['requestparameters.x:y']?.field).toBeNull()
  expect(terms['requestparameters.none']).toBeNull()
})

test('an event too deep or too broad does not hang the page', () => {
  const deep = '['.repeat(500) + ']'.repeat(500)
  const broad = JSON.stringify(Array.from({ length: 20_000 }, (_, index) => index))
  expect(leavesOf(buildTree({ a: deep, b: broad }, new Set(['a', 'b']))).length).toBeLessThan(21_000)
})
