'use strict'
// @elastic/app-search-node: what its first version offered, and what came later.
const assert = require('node:assert/strict')
const suite = require('./node_suite.js')
const { refused, unauthorized, noEngine, invalidToken, ids } = suite
const { world, test } = require('./ledger.js')

const c = suite.begin(require('@elastic/app-search-node'), 'node')
for (const part of ['engines', 'documents', 'searching', 'suggesting', 'signing', 'curations']) suite[part](c)

const engine = c.name('later')

test('createEngine with a language', async () => {
  const made = await c.full.createEngine(engine, { language: 'en' })
  assert.deepEqual(made, { name: engine, type: 'default', language: 'en', index_create_settings_override: {}, document_count: 0 })
  await refused(c.full.createEngine(engine + '-2', { language: 'klingon' }), 'Bad Request', /language/i)
  await refused(c.full.createEngine(engine + '-2', { bogus: 1 }), 'Bad Request', ['Options contains invalid key: bogus'])
})

test('updateSchema', async () => {
  assert.deepEqual(await c.full.updateSchema(engine, { title: 'text', year: 'number', made: 'date', place: 'geolocation' }), {
    title: 'text', year: 'number', made: 'date', place: 'geolocation'
  })
  assert.equal((await c.full.updateSchema(engine, { year: 'text' })).year, 'text')
  await c.full.updateSchema(engine, { year: 'number' })
  for (const name of ['12', 'invalid field name', '_invalid_field_name', 'invalid-field-name', 'invalidFieldName', 'invalid.field.name', 'INVALID']) {
    await refused(c.full.updateSchema(engine, { [name]: 'text' }), 'Bad Request', /./)
  }
  await refused(c.full.updateSchema(engine, { title: 'bogus' }), 'Bad Request', /type/)
  await refused(c.full.updateSchema(engine, { id: 'number' }), 'Bad Request', /id/)
  await refused(c.read.updateSchema(engine, { title: 'text' }), 'Unauthorized', unauthorized)
})

test('getSchema', async () => {
  assert.equal((await c.read.getSchema(engine)).place, 'geolocation')
  await refused(c.full.getSchema('no-such'), 'Not Found', noEngine)
  await refused(c.write.getSchema(engine), 'Unauthorized', unauthorized)
})

test('updateDocuments', async () => {
  await c.full.indexDocuments(engine, [{ id: 'a', title: 'Lamp', year: 1980 }])
  assert.deepEqual(await c.full.updateDocuments(engine, [{ id: 'a', year: 1990 }, { title: 'x' }, { id: 'a', year: 'soon' }]), [
    { id: 'a', errors: [] },
    { id: '', errors: ["Missing required key 'id'"] },
    { id: 'a', errors: ["Invalid field value: Value 'soon' cannot be parsed as a float"] }
  ])
  assert.deepEqual(await c.full.getDocuments(engine, ['a']), [{ id: 'a', title: 'Lamp', year: 1990 }])
  await refused(c.read.updateDocuments(engine, [{ id: 'a' }]), 'Unauthorized', unauthorized)
  await refused(c.full.updateDocuments('no-such', [{ id: 'a' }]), 'Not Found', noEngine)
})

test('listDocuments', async () => {
  await c.full.indexDocuments(engine, [{ id: 'b', title: 'Chair' }])
  const all = await c.full.listDocuments(engine)
  assert.deepEqual(all.meta, { page: { current: 1, total_pages: 1, total_results: 2, size: 100 } })
  const second = await c.full.listDocuments(engine, { page: { current: 2, size: 1 } })
  assert.deepEqual(second.meta, { page: { current: 2, total_pages: 2, total_results: 2, size: 1 } })
  assert.deepEqual(all.results.slice(1), second.results)
  await refused(c.full.listDocuments('no-such'), 'Not Found', noEngine)
  await refused(c.search.listDocuments(engine), 'Unauthorized', unauthorized)
})

test('createSignedSearchKey with a lifetime', async () => {
  const options = { filters: { title: 'Lamp' } }
  const good = c.sign(world.keys['search-key'], 'search-key', options, { expiresIn: '5 minutes' })
  assert.deepEqual(ids(await c.as(good).search(engine, '')), ['a'])
  const over = c.sign(world.keys['search-key'], 'search-key', options, { expiresIn: -3600 })
  await refused(c.as(over).search(engine, ''), 'Unauthorized', invalidToken)
  const early = c.sign(world.keys['search-key'], 'search-key', options, { notBefore: 3600 })
  await refused(c.as(early).search(engine, ''), 'Unauthorized', invalidToken)
})

test('group and boosts', async () => {
  const boosted = await c.search.search(engine, '', { boosts: { title: [{ type: 'value', value: ['Chair'], operation: 'add', factor: 10 }] } })
  assert.deepEqual(ids(boosted), ['b', 'a'])
  const grouped = await c.search.search(engine, '', { group: { field: 'title' } })
  assert.deepEqual(grouped.results.map(hit => hit._group_key).sort(), ['Chair', 'Lamp'])
  await refused(c.search.search(engine, '', { group: {} , boosts: { title: [{ type: 'bogus' }] } }), 'Bad Request', /./)
})

const one = c.name('one')
const two = c.name('two')
const meta = c.name('meta')

test('createMetaEngine', async () => {
  await c.full.createEngine(one)
  await c.full.createEngine(two)
  await c.full.indexDocuments(one, [{ id: 'x', title: 'lamp one' }])
  await c.full.indexDocuments(two, [{ id: 'x', title: 'lamp two' }])
  assert.deepEqual(await c.full.createMetaEngine(meta, [one]), { name: meta, type: 'meta', source_engines: [one], document_count: 1 })
  await refused(c.full.createMetaEngine(meta, [one]), 'Bad Request', ['Name is already taken'])
  await refused(c.full.createMetaEngine(meta + '-2', []), 'Bad Request', ['Source engines are required for meta engines'])
  await refused(c.full.createMetaEngine(meta + '-2', ['no-such']), 'Bad Request', /no-such/)
  await refused(c.read.createMetaEngine(meta + '-2', [one]), 'Unauthorized', unauthorized)
})

test('addMetaEngineSources', async () => {
  const grown = await c.full.addMetaEngineSources(meta, [two])
  assert.deepEqual(grown, { name: meta, type: 'meta', source_engines: [one, two], document_count: 2 })
  const found = await c.full.search(meta, 'lamp')
  assert.deepEqual(found.results.map(hit => hit._meta.engine).sort(), [one, two].sort())
  assert.equal(found.meta.engine.type, 'meta')
  await refused(c.full.addMetaEngineSources(meta, ['no-such']), 'Bad Request', /no-such/)
  await refused(c.full.addMetaEngineSources('no-such', [one]), 'Not Found', noEngine)
  await refused(c.read.addMetaEngineSources(meta, [two]), 'Unauthorized', unauthorized)
})

test('deleteMetaEngineSources', async () => {
  assert.deepEqual((await c.full.deleteMetaEngineSources(meta, [one])).source_engines, [two])
  await refused(c.full.deleteMetaEngineSources('no-such', [one]), 'Not Found', noEngine)
  await refused(c.read.deleteMetaEngineSources(meta, [two]), 'Unauthorized', unauthorized)
  await c.full.destroyEngine(two)
  assert.deepEqual((await c.full.getEngine(meta)).source_engines, [])
})
