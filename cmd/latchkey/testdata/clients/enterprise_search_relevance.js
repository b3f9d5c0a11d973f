'use strict'
// @elastic/enterprise-search: synonyms, curations, search settings, analytics and logs. Part of enterprise_search.js.
const assert = require('node:assert/strict')
const { refused, unauthorized, noEngine } = require('./enterprise_suite.js')
const { eventually, test } = require('./ledger.js')
const c = require('./enterprise_search.js')

const page = (current, total_pages, total_results, size) => ({ page: { current, total_pages, total_results, size } })
const ids = answer => answer.results.map(hit => hit.id.raw)
const day = 24 * 3600 * 1000
const now = () => Date.now()
const dates = () => ({ from: new Date(now() - day).toISOString(), to: new Date(now() + day).toISOString() })

function relevance (who, prefix) {
  const engine_name = prefix + '-relevance'
  const elsewhere = { engine_name: 'no-such' }
  let synonym_set_id, curation_id

  test(prefix + ': createSynonymSet', async () => {
    await who.createEngine({ body: { name: engine_name } })
    await who.putSchema({ engine_name, schema: { title: 'text', rank: 'number' } })
    await who.indexDocuments({ engine_name, documents: [{ id: 'a', title: 'lamp', rank: 1 }, { id: 'b', title: 'lantern', rank: 2 }, { id: 'c', title: 'lamp shade', rank: 3 }] })
    const made = await who.createSynonymSet({ engine_name, body: { synonyms: ['lantern', 'torch'] } })
    assert.match(made.id, /^syn-[0-9a-f]{24}$/)
    assert.deepEqual(made.synonyms, ['lantern', 'torch'])
    synonym_set_id = made.id
    await eventually(async () => assert.deepEqual(ids(await who.search({ engine_name, body: { query: 'torch' } })), ['b']))
    await refused(who.createSynonymSet({ engine_name, body: { synonyms: ['alone'] } }), 400, /./)
    await refused(who.createSynonymSet({ engine_name, body: {} }), 400, 'Missing required parameter: synonyms')
    await refused(who.createSynonymSet({ ...elsewhere, body: { synonyms: ['a', 'b'] } }), 404, noEngine)
    await refused(c.read.createSynonymSet({ engine_name, body: { synonyms: ['a', 'b'] } }), 401, unauthorized)
  })
  test(prefix + ': getSynonymSet', async () => {
    assert.deepEqual(await c.read.getSynonymSet({ engine_name, synonym_set_id }), { id: synonym_set_id, synonyms: ['lantern', 'torch'] })
    await refused(who.getSynonymSet({ engine_name, synonym_set_id: 'syn-0' }), 404, /syn-0/)
    await refused(c.write.getSynonymSet({ engine_name, synonym_set_id }), 401, unauthorized)
  })
  test(prefix + ': putSynonymSet', async () => {
    assert.deepEqual(await who.putSynonymSet({ engine_name, synonym_set_id, body: { synonyms: ['lantern', 'flashlight'] } }), { id: synonym_set_id, synonyms: ['lantern', 'flashlight'] })
    await eventually(async () => assert.deepEqual(ids(await who.search({ engine_name, body: { query: 'torch' } })), []))
    await refused(who.putSynonymSet({ engine_name, synonym_set_id, body: { synonyms: [] } }), 400, /./)
    await refused(who.putSynonymSet({ engine_name, synonym_set_id: 'syn-0', body: { synonyms: ['a', 'b'] } }), 404, /syn-0/)
    await refused(c.read.putSynonymSet({ engine_name, synonym_set_id, body: { synonyms: ['a', 'b'] } }), 401, unauthorized)
  })
  test(prefix + ': listSynonymSets', async () => {
    assert.deepEqual(await who.listSynonymSets({ engine_name, page: { current: 1, size: 20 } }), {
      meta: page(1, 1, 1, 20), results: [{ id: synonym_set_id, synonyms: ['lantern', 'flashlight'] }]
    })
    await refused(who.listSynonymSets(elsewhere), 404, noEngine)
    await refused(c.search.listSynonymSets({ engine_name }), 401, unauthorized)
  })
  test(prefix + ': deleteSynonymSet', async () => {
    await refused(c.read.deleteSynonymSet({ engine_name, synonym_set_id }), 401, unauthorized)
    assert.deepEqual(await who.deleteSynonymSet({ engine_name, synonym_set_id }), { deleted: true })
    await refused(who.deleteSynonymSet({ engine_name, synonym_set_id }), 404, /syn-/)
  })

  const noCuration = id => `Curation not found with id: ${id}`
  test(prefix + ': createCuration', async () => {
    const made = await who.createCuration({ engine_name, body: { queries: ['lamp'], promoted: ['b'], hidden: ['a'] } })
    assert.deepEqual(Object.keys(made), ['id'])
    curation_id = made.id
    await eventually(async () => assert.deepEqual(ids(await who.search({ engine_name, body: { query: 'lamp' } })), ['b', 'c']))
    // As recorded, the parameters may stand in the query string.
    const other = await who.createCuration({ engine_name, queries: ['shade'], promoted: ['a'] })
    assert.deepEqual(await who.getCuration({ engine_name, curation_id: other.id }), { id: other.id, queries: ['shade'], promoted: ['a'], hidden: [] })
    await who.deleteCuration({ engine_name, curation_id: other.id })
    await refused(who.createCuration({ engine_name, body: { promoted: ['b'] } }), 400, 'Missing required parameter: queries')
    await refused(who.createCuration({ ...elsewhere, body: { queries: ['x'], promoted: ['b'] } }), 404, noEngine)
    await refused(c.read.createCuration({ engine_name, body: { queries: ['x'], promoted: ['b'] } }), 401, unauthorized)
  })
  test(prefix + ': getCuration', async () => {
    assert.deepEqual(await c.read.getCuration({ engine_name, curation_id }), { id: curation_id, queries: ['lamp'], promoted: ['b'], hidden: ['a'] })
    await refused(who.getCuration({ engine_name, curation_id: 'cur-0' }), 404, noCuration('cur-0'))
    await refused(c.write.getCuration({ engine_name, curation_id }), 401, unauthorized)
  })
  test(prefix + ': putCuration', async () => {
    assert.deepEqual(await who.putCuration({ engine_name, curation_id, body: { queries: ['light'], promoted: ['a'], hidden: [] } }), { id: curation_id })
    await refused(who.putCuration({ engine_name, curation_id: 'cur-0', body: { queries: ['x'], promoted: ['b'] } }), 404, noCuration('cur-0'))
    await refused(c.read.putCuration({ engine_name, curation_id, body: { queries: ['x'], promoted: ['b'] } }), 401, unauthorized)
  })
  test(prefix + ': listCurations', async () => {
    assert.deepEqual(await who.listCurations({ engine_name, page: { size: 5 } }), {
      meta: page(1, 1, 1, 5), results: [{ id: curation_id, queries: ['light'], promoted: ['a'], hidden: [] }]
    })
    await refused(who.listCurations(elsewhere), 404, noEngine)
    await refused(c.search.listCurations({ engine_name }), 401, unauthorized)
  })
  test(prefix + ': deleteCuration', async () => {
    await refused(c.read.deleteCuration({ engine_name, curation_id }), 401, unauthorized)
    assert.deepEqual(await who.deleteCuration({ engine_name, curation_id }), { deleted: true })
    await refused(who.deleteCuration({ engine_name, curation_id }), 404, noCuration(curation_id))
  })

  test(prefix + ': putSearchSettings', async () => {
    const before = await c.read.getSearchSettings({ engine_name })
    assert.deepEqual([before.boosts, before.search_fields.title], [{}, { weight: 1 }])
    const changed = await who.putSearchSettings({ engine_name, body: { search_fields: { title: { weight: 3.5 } }, boosts: { rank: [{ type: 'functional', function: 'linear', operation: 'add', factor: 5 }] } } })
    assert.deepEqual(changed.search_fields.title, { weight: 3.5 })
    assert.deepEqual(await who.getSearchSettings({ engine_name }), changed)
    await eventually(async () => assert.deepEqual(ids(await who.search({ engine_name, body: { query: 'lamp' } })), ['c', 'a']))
    await refused(who.putSearchSettings({ engine_name, body: { search_fields: { nowhere: { weight: 1 } } } }), 400, /nowhere/)
    await refused(who.putSearchSettings({ engine_name, body: { search_fields: { title: { weight: 'heavy' } } } }), 400, /weight/i)
    await refused(who.putSearchSettings({ engine_name, body: { search_fields: { rank: { weight: 1 } } } }), 400, /rank/)
    await refused(c.read.putSearchSettings({ engine_name, body: {} }), 401, unauthorized)
    await refused(who.getSearchSettings(elsewhere), 404, noEngine)
    await refused(c.write.getSearchSettings({ engine_name }), 401, unauthorized)
    await refused(c.read.resetSearchSettings({ engine_name }), 401, unauthorized)
    assert.deepEqual(await who.resetSearchSettings({ engine_name }), before)
  })
}

function analytics (who, prefix) {
  const engine_name = prefix + '-analytics'
  const elsewhere = { engine_name: 'no-such' }
  test(prefix + ': logClickthrough', async () => {
    await who.createEngine({ body: { name: engine_name } })
    await who.indexDocuments({ engine_name, documents: [{ id: 'a', title: 'lamp' }] })
    const found = await c.search.search({ engine_name, body: { query: 'lamp', analytics: { tags: ['shop'] } } })
    await c.search.search({ engine_name, body: { query: 'nothing like it' } })
    const click = { query: 'lamp', document_id: 'a', request_id: found.meta.request_id, tags: ['shop'] }
    await c.search.logClickthrough({ engine_name, body: click })
    await who.logClickthrough({ engine_name, body: { query: 'lamp', document_id: 'unknown' } })
    await refused(who.logClickthrough({ engine_name, body: { document_id: 'a' } }), 400, 'Missing required parameter: query')
    await refused(who.logClickthrough({ ...elsewhere, body: click }), 404, noEngine)
    await refused(c.admin.logClickthrough({ engine_name, body: click }), 401, unauthorized)
  })
  test(prefix + ': getTopClicksAnalytics', async () => {
    await eventually(async () => assert.deepEqual(await who.getTopClicksAnalytics({ engine_name, body: { query: 'lamp', filters: { all: [{ tag: ['shop'] }, { date: dates() }] }, page: { size: 20 } } }), {
      meta: { page: { current: 1, size: 1 } }, results: [{ document_id: 'a', clicks: 1 }]
    }))
    await refused(who.getTopClicksAnalytics(elsewhere), 404, noEngine)
    await refused(who.getTopClicksAnalytics({ engine_name, body: { filters: { bogus: 1 } } }), 400, /bogus/)
    await refused(c.search.getTopClicksAnalytics({ engine_name }), 401, unauthorized)
  })
  test(prefix + ': getTopQueriesAnalytics', async () => {
    await eventually(async () => {
      const { results } = await who.getTopQueriesAnalytics({ engine_name, body: { page: { size: 20 } } })
      assert.deepEqual(results.find(row => row.term === 'lamp'), { term: 'lamp', clicks: 2, queries: 1 })
    })
    const none = await who.getTopQueriesAnalytics({ engine_name, body: { filters: { results: false } } })
    assert.deepEqual(none.results.map(row => row.term), ['nothing like it'])
    await refused(who.getTopQueriesAnalytics(elsewhere), 404, noEngine)
    await refused(c.search.getTopQueriesAnalytics({ engine_name }), 401, unauthorized)
  })
  test(prefix + ': getCountAnalytics', async () => {
    await eventually(async () => {
      const { results } = await who.getCountAnalytics({ engine_name, body: { filters: { all: [{ query: 'lamp' }, { date: dates() }] }, interval: 'hour' } })
      assert.deepEqual(results.reduce(([clicks, queries], row) => [clicks + row.clicks, queries + row.queries], [0, 0]), [2, 1])
    })
    await refused(who.getCountAnalytics(elsewhere), 404, noEngine)
    await refused(who.getCountAnalytics({ engine_name, body: { interval: 'century' } }), 400, /interval/i)
    await refused(c.search.getCountAnalytics({ engine_name }), 401, unauthorized)
  })
  test(prefix + ': getApiLogs', async () => {
    await eventually(async () => {
      const logs = await who.getApiLogs({ engine_name, body: { filters: { date: dates(), status: '200', method: 'POST' }, sort_direction: 'asc', page: { size: 50 } } })
      const search = logs.results.find(row => row.full_request_path === `/api/as/v1/engines/${engine_name}/search`)
      assert.ok(search)
      assert.deepEqual([search.http_method, search.status], ['POST', 200])
      assert.equal(JSON.parse(search.request_body).query, 'lamp')
      assert.equal(logs.meta.sort_direction.toLowerCase(), 'asc')
      assert.ok(!JSON.stringify(logs).includes('Bearer'))
    })
    await refused(who.getApiLogs({ engine_name, body: {} }), 400, /filters|date/)
    await refused(who.getApiLogs({ ...elsewhere, body: { filters: { date: dates() } } }), 404, noEngine)
    await refused(c.search.getApiLogs({ engine_name, body: { filters: { date: dates() } } }), 401, unauthorized)
  })
}

for (const part of [relevance, analytics]) {
  part(c.user, 'user')
  part(c.full, 'key')
}
