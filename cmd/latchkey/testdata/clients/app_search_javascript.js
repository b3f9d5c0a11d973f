'use strict'
// @elastic/app-search-javascript, the client of browsers, here with the fetch of Node.js. How it fares in a browser, with
// credentials and from another origin, is tested with Search UI.
const assert = require('node:assert/strict')
const { createClient } = require('@elastic/app-search-javascript')
const { Ledger, methodsOf, world, eventually, test } = require('./ledger.js')

const parks = 'national-parks-demo'
const make = (searchKey, engineName = parks, more = {}) => createClient({ endpointBase: world.url, searchKey, engineName, cacheResponses: false, ...more })
const ledger = new Ledger('app-search-javascript', methodsOf(Object.getPrototypeOf(make('x'))))
const as = (...args) => ledger.watch(make(...args))

const client = as(world.keys['search-key'])
const nowhere = as(world.keys['search-key'], 'no-such')
const admin = as(world.keys.admin)

/** refused expects the text that the client shows, and that Search UI passes on to whoever searches. */
const refused = (call, message) => assert.rejects(call, err => {
  if (message instanceof RegExp) assert.match(err.message, message)
  else assert.equal(err.message, message)
  return true
})
const unauthorized = '[401] Unauthorized action.'
const noEngine = '[404] Could not find engine.'

const facets = {
  states: [{ type: 'value', name: 'States', sort: { count: 'desc' }, size: 5 }],
  world_heritage_site: [{ type: 'value' }],
  visitors: [{ type: 'range', ranges: [{ from: 0, to: 10000, name: 'few' }, { from: 10000, name: 'many' }] }]
}

test('search', async () => {
  const list = await client.search('yosemite', {
    page: { current: 1, size: 5 },
    result_fields: { title: { raw: {}, snippet: { size: 40, fallback: true } }, states: { raw: {} } },
    facets
  })
  const [first] = list.results
  assert.equal(first.getRaw('title'), 'Yosemite')
  assert.equal(first.getSnippet('title'), '<em>Yosemite</em>')
  assert.deepEqual(first.getRaw('states'), ['California'])
  assert.equal(first.getRaw('description'), undefined)
  assert.equal(first.getRaw('id'), 'park_yosemite')
  assert.equal(list.info.meta.page.size, 5)
  assert.equal(list.info.facets.states[0].name, 'States')
  assert.deepEqual(list.info.facets.visitors[0].data.map(d => d.name), ['few', 'many'])
})

test('search with disjunctive facets', async () => {
  const list = await client.search('', { filters: { all: [{ states: 'California' }, { world_heritage_site: 'true' }] }, facets, disjunctiveFacets: ['states'] })
  assert.deepEqual(list.results.map(r => r.getRaw('title')).sort(), ['Redwood', 'Yosemite'])
  // The facet counts as if its own filter were not there, the others as they are.
  assert.equal(list.info.facets.states[0].data.length, 5)
  assert.deepEqual(list.info.facets.world_heritage_site[0].data, [{ value: 'true', count: 2 }])
})

test('search with further headers and a cache', async () => {
  const other = as(world.keys['search-key'], parks, { additionalHeaders: { 'Content-Type': 'bogus/format', 'X-Mine': '1' }, cacheResponses: true })
  for (let i = 0; i < 2; i++) assert.equal((await other.search('acadia')).results[0].getRaw('id'), 'park_acadia')
})

test('search, refused', async () => {
  await refused(nowhere.search('x'), noEngine)
  await refused(admin.search('x'), unauthorized)
  await refused(as(world.keys.writer).search('x'), unauthorized)
  await refused(as(world.keys.revoked).search('x'), '[401]') // {"error": …}, of which this client shows nothing
  await refused(as('').search('x'), '[401]')
  await refused(client.search('x', { bogus: 1 }), '[400] Options contains invalid key: bogus')
  await refused(client.search(undefined), '[400] Missing required parameter: query')
  await refused(client.search('x', { facets: { nowhere: [{ type: 'value' }] } }), /^\[400\] .*nowhere/)
})

test('multiSearch', async () => {
  const [a, b] = await client.multiSearch([{ query: 'yosemite', options: { page: { size: 1 } } }, { query: 'acadia' }])
  assert.equal(a.results.length, 1)
  assert.equal(b.results[0].getRaw('title'), 'Acadia')
  await refused(client.multiSearch([{ query: 'x', options: { precision: 99 } }, { query: 'x' }]), /^\[400\] Precision/)
  await refused(nowhere.multiSearch([{ query: 'x' }]), noEngine)
  await refused(admin.multiSearch([{ query: 'x' }]), unauthorized)
})

test('querySuggestion', async () => {
  const found = await client.querySuggestion('yos', { size: 2, types: { documents: { fields: ['title'] } } })
  assert.deepEqual(found.results.documents, [{ suggestion: 'yosemite' }])
  await refused(client.querySuggestion('x', { bogus: 1 }), '[400] Options contains invalid key: bogus')
  await refused(nowhere.querySuggestion('x'), noEngine)
  await refused(admin.querySuggestion('x'), unauthorized)
})

test('click', async () => {
  const query = 'giant sequoia trees'
  const list = await client.search(query)
  const documentId = list.results[0].getRaw('id')
  assert.deepEqual(await client.click({ query, documentId, requestId: list.info.meta.request_id, tags: ['browser'] }), {})
  assert.deepEqual(await client.click({ query, documentId: 'no-such' }), {})
  await refused(client.click({ documentId }), '[400] Missing required parameter: query')
  await refused(client.click({ query }), '[400] Missing required parameter: document_id')
  await refused(nowhere.click({ query, documentId }), noEngine)
  await refused(admin.click({ query, documentId }), unauthorized)
  await eventually(async () => {
    const response = await fetch(`${world.url}/api/as/v1/engines/${parks}/analytics/clicks`, {
      method: 'POST', headers: { Authorization: `Bearer ${world.keys.reader}` }, body: JSON.stringify({ query })
    })
    const { results } = await response.json()
    assert.equal(results.find(row => row.document_id === documentId)?.clicks, 1)
  })
})
