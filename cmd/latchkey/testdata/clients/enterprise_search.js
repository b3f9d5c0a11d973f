'use strict'
// @elastic/enterprise-search, the client of 8.x: engines, documents, schema and the searches, once as a user with a
// password and once with a private key.
const assert = require('node:assert/strict')
const { begin, refused, unauthorized, noEngine, wrongPassword, invalidToken } = require('./enterprise_suite.js')
const { test } = require('./ledger.js')

const c = begin('app', {}, { engine: 'it sends nothing' })
module.exports = c
const parks = 'national-parks-demo'
const page = (current, total_pages, total_results, size) => ({ page: { current, total_pages, total_results, size } })

function engines (who, prefix) {
  const engine_name = prefix + '-engines'
  const made = { name: engine_name, type: 'default', language: null, index_create_settings_override: {}, document_count: 0 }
  test(prefix + ': createEngine', async () => {
    assert.deepEqual(await who.createEngine({ body: { name: engine_name } }), made)
    await refused(who.createEngine({ body: { name: engine_name } }), 400, 'Name is already taken')
    await refused(who.createEngine({ body: {} }), 400, 'Missing required parameter: name')
    await refused(c.read.createEngine({ body: { name: 'x' } }), 401, unauthorized)
    await refused(c.revoked.createEngine({ body: { name: 'x' } }), 401, invalidToken)
  })
  test(prefix + ': getEngine', async () => {
    assert.deepEqual(await who.getEngine({ engine_name }), made)
    assert.deepEqual(await who.engine('whatever').getEngine({ engine_name }), made)
    await refused(who.getEngine({ engine_name: 'no-such' }), 404, noEngine)
    await refused(c.elsewhere.getEngine({ engine_name }), 404, noEngine)
  })
  test(prefix + ': listEngines', async () => {
    const list = await who.listEngines({ page: { current: 1, size: 100 } })
    assert.equal(list.meta.page.size, 100)
    assert.deepEqual(list.results.find(e => e.name === engine_name), made)
    await refused(who.listEngines({ page: { size: 0 } }), 400, /Page size/)
    await refused(c.admin.listEngines(), 401, unauthorized)
  })
  test(prefix + ': addMetaEngineSource', async () => {
    const meta = prefix + '-meta'
    const of = (source_engines, document_count) => ({ name: meta, type: 'meta', source_engines, document_count })
    assert.deepEqual(await who.createEngine({ body: { name: meta, type: 'meta', source_engines: [engine_name] } }), of([engine_name], 0))
    assert.deepEqual(await who.addMetaEngineSource({ engine_name: meta, sourceEngines: [parks] }), of([engine_name, parks], 63))
    await refused(who.addMetaEngineSource({ engine_name: meta, sourceEngines: ['no-such'] }), 400, /no-such/)
    await refused(who.addMetaEngineSource({ engine_name: 'no-such', sourceEngines: [parks] }), 404, noEngine)
    assert.deepEqual(await who.deleteMetaEngineSource({ engine_name: meta, sourceEngines: [engine_name] }), of([parks], 63))
    await refused(who.deleteMetaEngineSource({ engine_name: 'no-such', sourceEngines: [parks] }), 404, noEngine)
    await refused(c.read.deleteMetaEngineSource({ engine_name: meta, sourceEngines: [parks] }), 401, unauthorized)
    await refused(who.createEngine({ body: { name: meta + '-2', type: 'meta' } }), 400, 'Source engines are required for meta engines')
  })
  test(prefix + ': deleteEngine', async () => {
    await refused(c.read.deleteEngine({ engine_name }), 401, unauthorized)
    assert.deepEqual(await who.deleteEngine({ engine_name }), { deleted: true })
    await refused(who.deleteEngine({ engine_name }), 404, noEngine)
  })
}

function documents (who, prefix) {
  const engine_name = prefix + '-documents'
  test(prefix + ': putSchema', async () => {
    await who.createEngine({ body: { name: engine_name, language: 'en' } })
    assert.deepEqual(await who.getSchema({ engine_name }), {})
    assert.deepEqual(await who.putSchema({ engine_name, schema: { title: 'text', price: 'number' } }), { title: 'text', price: 'number' })
    assert.deepEqual(await c.read.getSchema({ engine_name }), { title: 'text', price: 'number' })
    await refused(who.putSchema({ engine_name, schema: { title: 'bogus' } }), 400, /type/)
    await refused(c.read.putSchema({ engine_name, schema: { title: 'text' } }), 401, unauthorized)
    await refused(who.getSchema({ engine_name: 'no-such' }), 404, noEngine)
    await refused(c.write.getSchema({ engine_name }), 401, unauthorized)
  })
  test(prefix + ': indexDocuments', async () => {
    assert.deepEqual(await who.indexDocuments({ engine_name, documents: [{ id: 'a', title: 'Lamp', price: 5 }, { id: 'b', title: 'Chair', price: 'much' }] }), [
      { id: 'a', errors: [] },
      { id: 'b', errors: ["Invalid field value: Value 'much' cannot be parsed as a float"] }
    ])
    await refused(who.indexDocuments({ engine_name: 'no-such', documents: [{ id: 'a' }] }), 404, noEngine)
    await refused(c.read.indexDocuments({ engine_name, documents: [{ id: 'a' }] }), 401, unauthorized)
    await refused(who.indexDocuments({ engine_name, documents: Array(101).fill({}) }), 400, /100/)
  })
  test(prefix + ': putDocuments', async () => {
    assert.deepEqual(await who.putDocuments({ engine_name, documents: [{ id: 'a', price: 6 }] }), [{ id: 'a', errors: [] }])
    await refused(who.putDocuments({ engine_name: 'no-such', documents: [{ id: 'a' }] }), 404, noEngine)
    await refused(c.read.putDocuments({ engine_name, documents: [{ id: 'a' }] }), 401, unauthorized)
  })
  test(prefix + ': getDocuments', async () => {
    assert.deepEqual(await who.getDocuments({ engine_name, documentIds: ['zz', 'a'] }), [null, { id: 'a', title: 'Lamp', price: 6 }])
    await refused(who.getDocuments({ engine_name }), 400, 'Missing required parameter: ids')
    await refused(c.search.getDocuments({ engine_name, documentIds: ['a'] }), 401, unauthorized)
  })
  test(prefix + ': listDocuments', async () => {
    assert.deepEqual(await who.listDocuments({ engine_name, page: { current: 1, size: 10 } }), {
      meta: page(1, 1, 1, 10), results: [{ id: 'a', title: 'Lamp', price: 6 }]
    })
    await refused(who.listDocuments({ engine_name: 'no-such' }), 404, noEngine)
    await refused(c.write.listDocuments({ engine_name }), 401, unauthorized)
  })
  test(prefix + ': deleteDocuments', async () => {
    await refused(c.read.deleteDocuments({ engine_name, documentIds: ['a'] }), 401, unauthorized)
    assert.deepEqual(await who.deleteDocuments({ engine_name, documentIds: ['a', 'zz'] }), [{ id: 'a', deleted: true }, { id: 'zz', deleted: false }])
    await refused(who.deleteDocuments({ engine_name: 'no-such', documentIds: ['a'] }), 404, noEngine)
  })
}

function searching (who, prefix) {
  const engine_name = parks
  test(prefix + ': search', async () => {
    const found = await who.search({ engine_name, body: { query: 'yosemite', page: { size: 1 }, facets: { states: { type: 'value' } }, filters: { states: ['California'] } } })
    assert.equal(found.results[0].id.raw, 'park_yosemite')
    assert.deepEqual(Object.keys(found.meta).sort(), ['alerts', 'engine', 'page', 'precision', 'request_id', 'warnings'])
    await refused(who.search({ engine_name, body: {} }), 400, 'Missing required parameter: query')
    await refused(who.search({ engine_name: 'no-such', body: { query: '' } }), 404, noEngine)
    await refused(c.write.search({ engine_name, body: { query: '' } }), 401, unauthorized)
    await refused(c.admin.search({ engine_name, body: { query: '' } }), 401, unauthorized)
  })
  test(prefix + ': search with parameters of the query string', async () => {
    const found = await who.search({ engine_name, query: 'yosemite', page: { size: 1 }, result_fields: { title: { raw: {} } } })
    assert.deepEqual(found.meta.page.size, 1)
    assert.equal(found.results[0].title.raw, 'Yosemite')
  })
  test(prefix + ': multiSearch', async () => {
    const found = await who.multiSearch({ engine_name, body: { queries: [{ query: 'yosemite' }, { query: 'acadia' }] } })
    assert.deepEqual(found.map(one => one.results[0].id.raw), ['park_yosemite', 'park_acadia'])
    await refused(who.multiSearch({ engine_name, body: { queries: [{ query: 'x', precision: 99 }, { query: 'x' }] } }), 400, [
      { errors: ['Precision must be between 1 and 11'] }, { errors: [] }
    ])
    await refused(c.admin.multiSearch({ engine_name, body: { queries: [{ query: 'x' }] } }), 401, unauthorized)
  })
  test(prefix + ': search_explain', async () => {
    const explained = await who.search_explain({ engine_name, body: { query: 'Yosemite', filters: { states: ['California'] } } })
    assert.deepEqual(Object.keys(explained).sort(), ['meta', 'query_body', 'query_string'])
    assert.deepEqual(Object.keys(explained.meta).sort(), ['alerts', 'engine', 'precision', 'request_id', 'warnings'])
    assert.equal(explained.query_string, `GET enterprise-search-engine-${engine_name}/_search`)
    assert.deepEqual(explained.query_body.searched.map(one => [one.language, one.terms]), [['en', [{ words: ['Yosemite'], compared_as: ['yosemit'], synonyms: [] }]]])
    assert.deepEqual(explained.query_body.filters, { field: 'states', values: ['California'] })
    await refused(who.search_explain({ engine_name, body: {} }), 400, 'Missing required parameter: query')
    await refused(who.search_explain({ engine_name, body: { query: '', sort: { nowhere: 'asc' } } }), 400, /nowhere/)
    await refused(who.search_explain({ engine_name: 'no-such', body: { query: '' } }), 404, noEngine)
    for (const other of [c.search, c.write, c.admin]) await refused(other.search_explain({ engine_name, body: { query: '' } }), 401, unauthorized)
  })
  test(prefix + ': querySuggestion', async () => {
    const found = await who.querySuggestion({ engine_name, body: { query: 'yos', types: { documents: { fields: ['title'] } }, size: 4 } })
    assert.deepEqual(found.results, { documents: [{ suggestion: 'yosemite' }] })
    await refused(who.querySuggestion({ engine_name, body: { query: 'x', bogus: 1 } }), 400, 'Options contains invalid key: bogus')
    await refused(who.querySuggestion({ engine_name: 'no-such', body: { query: 'x' } }), 404, noEngine)
    await refused(c.admin.querySuggestion({ engine_name, body: { query: 'x' } }), 401, unauthorized)
  })
}

test('user: known by the password, and by nothing else', async () => {
  for (const other of [c.wrongPassword, c.stranger]) await refused(other.listEngines(), 401, wrongPassword)
})

for (const part of [engines, documents, searching]) {
  part(c.user, 'user')
  part(c.full, 'key')
}
require('./enterprise_search_keys.js')
require('./enterprise_search_relevance.js')
