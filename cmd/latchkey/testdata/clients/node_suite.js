'use strict'
// What the Node client has offered since its first release, under its first name.
const assert = require('node:assert/strict')
const { Ledger, methodsOf, world, eventually, test } = require('./ledger.js')

const unauthorized = ['Unauthorized action.']
const noEngine = ['Could not find engine.']
const invalidToken = ['Invalid authentication token.']

/** begin makes what the tests of one client share. */
function begin (Client, prefix, excluded = {}) {
  const methods = [...methodsOf(Client.prototype), ...methodsOf(Object.assign(Object.create(null), statics(Client)))]
  const ledger = new Ledger(prefix, methods.sort(), excluded, {
    createSignedSearchKey: 'it sends nothing; that such a key is refused is tested on search'
  })
  const as = key => ledger.watch(new Client(undefined, key, () => `${world.url}/api/as/v1/`))
  const { createSignedSearchKey } = ledger.watch(Client)
  const k = world.keys
  return {
    ledger,
    name: suffix => `${prefix}-${suffix}`,
    full: as(k['private-key']),
    read: as(k.reader),
    write: as(k.writer),
    search: as(k['search-key']),
    admin: as(k.admin),
    elsewhere: as(k.elsewhere),
    nobody: as('private-' + 'x'.repeat(24)),
    silent: as(''),
    as,
    sign: createSignedSearchKey
  }
}

function statics (Client) {
  return Object.fromEntries(Object.getOwnPropertyNames(Client).filter(name => typeof Client[name] === 'function').map(name => [name, Client[name]]))
}

/** refused expects an error with the status text of HTTP and these messages. */
async function refused (call, status, messages) {
  await assert.rejects(call, err => {
    assert.equal(err.message, status)
    if (messages instanceof RegExp) assert.match(err.errorMessages.join('\n'), messages)
    else assert.deepEqual(err.errorMessages, messages)
    return true
  })
}

const ids = answer => answer.results.map(hit => hit.id.raw)

function engines (c) {
  const name = c.name('engines')
  test('createEngine', async () => {
    assert.deepEqual(await c.full.createEngine(name), {
      name, type: 'default', language: null, index_create_settings_override: {}, document_count: 0
    })
    await refused(c.full.createEngine(name), 'Bad Request', ['Name is already taken'])
    await refused(c.full.createEngine('No Such Form'), 'Bad Request', /lowercase/)
    await refused(c.full.createEngine(undefined), 'Bad Request', ['Missing required parameter: name'])
    for (const other of [c.read, c.search, c.admin]) await refused(other.createEngine(name + '-2'), 'Unauthorized', unauthorized)
    await refused(c.nobody.createEngine(name + '-2'), 'Unauthorized', invalidToken)
    await refused(c.silent.createEngine(name + '-2'), 'Unauthorized', ['You need to sign in before continuing.'])
  })
  test('getEngine', async () => {
    assert.equal((await c.read.getEngine(name)).name, name)
    await refused(c.full.getEngine('no-such'), 'Not Found', noEngine)
    await refused(c.full.getEngine('no such/../engine'), 'Not Found', noEngine)
    await refused(c.elsewhere.getEngine(name), 'Not Found', noEngine)
    await refused(c.write.getEngine(name), 'Unauthorized', unauthorized)
  })
  test('listEngines', async () => {
    const all = await c.full.listEngines()
    assert.equal(all.meta.page.size, 25)
    assert.ok(all.results.some(e => e.name === name))
    const one = await c.full.listEngines({ page: { current: 2, size: 1 } })
    assert.deepEqual({ ...one.meta.page, total_pages: 0, total_results: 0 }, { current: 2, size: 1, total_pages: 0, total_results: 0 })
    assert.equal(one.results.length, 1)
    assert.deepEqual((await c.elsewhere.listEngines()).results.map(e => e.name), ['national-parks-demo'])
    await refused(c.full.listEngines({ page: { current: 'x' } }), 'Bad Request', /Page current/)
    await refused(c.search.listEngines(), 'Unauthorized', unauthorized)
  })
  test('destroyEngine', async () => {
    await refused(c.read.destroyEngine(name), 'Unauthorized', unauthorized)
    assert.deepEqual(await c.full.destroyEngine(name), { deleted: true })
    await refused(c.full.destroyEngine(name), 'Not Found', noEngine)
  })
}

function documents (c) {
  const engine = c.name('documents')
  test('indexDocument', async () => {
    await c.full.createEngine(engine)
    assert.deepEqual(await c.full.indexDocument(engine, { id: 'a', title: 'First lamp', year: 1980 }), { id: 'a' })
    assert.match((await c.write.indexDocument(engine, { title: 'No id' })).id, /^doc-[0-9a-f]{24}$/)
    await assert.rejects(c.full.indexDocument(engine, { id: 'x'.repeat(801) }), { message: 'Invalid field type: id must be less than 800 characters' })
    await assert.rejects(c.full.indexDocument(engine, { id: 'a', Title: 'x' }), /can only contain lowercase letters, numbers, and underscores: Title/)
    await refused(c.read.indexDocument(engine, { id: 'a' }), 'Unauthorized', unauthorized)
  })
  test('indexDocuments', async () => {
    assert.deepEqual(await c.full.indexDocuments(engine, [{ id: 'b', title: 'Second lamp' }, { id: 'c', size: { a: 1 } }, { id: 4, tags: ['x', 'y'] }]), [
      { id: 'b', errors: [] },
      { id: 'c', errors: ["Invalid field value: Value '{\"a\":1}' cannot be an object"] },
      { id: '4', errors: [] }
    ])
    await refused(c.full.indexDocuments(engine, Array(101).fill({ title: 'x' })), 'Bad Request', /at most 100/)
    await refused(c.full.indexDocuments('no-such', [{ id: 'a' }]), 'Not Found', noEngine)
    await refused(c.full.indexDocuments(engine, ['a']), 'Bad Request', /objects/)
  })
  test('getDocuments', async () => {
    assert.deepEqual(await c.full.getDocuments(engine, ['b', 'no-such', 'a', '4']), [
      { id: 'b', title: 'Second lamp' }, null, { id: 'a', title: 'First lamp', year: '1980' }, { id: '4', tags: ['x', 'y'] }
    ])
    await refused(c.search.getDocuments(engine, ['a']), 'Unauthorized', unauthorized)
    await refused(c.full.getDocuments('no-such', ['a']), 'Not Found', noEngine)
  })
  test('destroyDocuments', async () => {
    assert.deepEqual(await c.full.destroyDocuments(engine, ['4', 'no-such']), [
      { id: '4', deleted: true, result: true }, { id: 'no-such', deleted: false, result: false }
    ])
    await refused(c.read.destroyDocuments(engine, ['a']), 'Unauthorized', unauthorized)
    await refused(c.full.destroyDocuments(engine, [{ id: 'a' }]), 'Bad Request', /ids/)
  })
}

function searching (c) {
  const parks = 'national-parks-demo'
  test('search', async () => {
    const found = await c.search.search(parks, 'yosemite', {
      page: { size: 3 },
      filters: { all: [{ states: ['California', 'Utah'] }, { none: [{ acres: { to: 10000 } }] }] },
      facets: {
        states: { type: 'value', name: 'States', size: 5 },
        acres: [{ type: 'range', ranges: [{ from: 1, to: 500000, name: 'small' }, { from: 500000, name: 'large' }] }]
      },
      search_fields: { title: { weight: 10 }, description: {} },
      result_fields: { title: { raw: {}, snippet: { size: 30, fallback: true } } },
      sort: [{ _score: 'desc' }, { title: 'asc' }],
      analytics: { tags: ['node'] }
    })
    assert.equal(ids(found)[0], 'park_yosemite')
    const [first] = found.results
    assert.deepEqual(first.title, { raw: 'Yosemite', snippet: '<em>Yosemite</em>' })
    assert.equal(first.description, undefined)
    assert.deepEqual({ ...first._meta, score: 0 }, { id: 'park_yosemite', engine: parks, score: 0 })
    assert.deepEqual(found.meta.engine, { name: parks, type: 'default' })
    assert.deepEqual([found.meta.alerts, found.meta.warnings, found.meta.page.size], [[], [], 3])
    assert.match(found.meta.request_id, /./)
    assert.equal(found.facets.states[0].name, 'States')
    assert.deepEqual(found.facets.states[0].data.find(d => d.value === 'California').count > 0, true)
    assert.deepEqual(found.facets.acres[0].data.map(d => d.name), ['small', 'large'])
    assert.equal((await c.search.search(parks, '', { page: { current: 4, size: 20 } })).results.length, 3)
  })
  test('search, refused', async () => {
    await refused(c.search.search('no-such', 'x'), 'Not Found', noEngine)
    await refused(c.search.search(parks, 'x', { bogus: 1 }), 'Bad Request', ['Options contains invalid key: bogus'])
    await refused(c.search.search(parks, 'x', { search_fields: { nowhere: {} } }), 'Bad Request', ['Search fields contains invalid field: nowhere'])
    await refused(c.search.search(parks, undefined), 'Bad Request', ['Missing required parameter: query'])
    await refused(c.search.search(parks, 'x'.repeat(129)), 'Bad Request', /128/)
    await refused(c.search.search(parks, 'x', { page: { current: 101 } }), 'Bad Request', /100/)
    for (const other of [c.write, c.admin]) await refused(other.search(parks, 'x'), 'Unauthorized', unauthorized)
    await refused(c.nobody.search(parks, 'x'), 'Unauthorized', invalidToken)
  })
  test('multiSearch', async () => {
    const [a, b] = await c.search.multiSearch(parks, [
      { query: 'yosemite', options: { page: { size: 1 } } }, { query: 'acadia', options: { result_fields: { title: { raw: {} } } } }
    ])
    assert.deepEqual(ids(a), ['park_yosemite'])
    assert.equal(ids(b)[0], 'park_acadia')
    await refused(c.search.multiSearch(parks, [{ query: 'x' }, { query: 'x', options: { precision: 99 } }]), 'Bad Request', /Precision/)
    await refused(c.search.multiSearch(parks, Array(11).fill({ query: 'x' })), 'Bad Request', /10/)
    await refused(c.search.multiSearch('no-such', [{ query: 'x' }]), 'Not Found', noEngine)
    await refused(c.admin.multiSearch(parks, [{ query: 'x' }]), 'Unauthorized', unauthorized)
  })
}

function suggesting (c) {
  const parks = 'national-parks-demo'
  test('querySuggestion', async () => {
    const found = await c.search.querySuggestion(parks, 'yose', { size: 3, types: { documents: { fields: ['title'] } } })
    assert.deepEqual(found.results.documents, [{ suggestion: 'yosemite' }])
    assert.match(found.meta.request_id, /./)
    assert.ok((await c.full.querySuggestion(parks, 'yo')).results.documents.length > 0)
    await refused(c.search.querySuggestion(parks, 'x', { bogus: 1 }), 'Bad Request', ['Options contains invalid key: bogus'])
    await refused(c.search.querySuggestion(parks, 'x', { size: 21 }), 'Bad Request', /20/)
    await refused(c.search.querySuggestion('no-such', 'x'), 'Not Found', noEngine)
    await refused(c.admin.querySuggestion(parks, 'x'), 'Unauthorized', unauthorized)
  })
}

function signing (c) {
  const parks = 'national-parks-demo'
  test('createSignedSearchKey', async () => {
    for (const parent of ['private-key', 'search-key', 'reader']) {
      const shown = { title: { raw: {} }, world_heritage_site: { raw: {} } }
      const signed = c.as(c.sign(world.keys[parent], parent, { filters: { states: 'California' }, result_fields: shown, facets: {} }))
      const found = await signed.search(parks, '', { page: { size: 100 }, filters: { world_heritage_site: 'true' }, facets: { title: { type: 'value' } } })
      assert.deepEqual(found.results.map(hit => hit.title.raw).sort(), ['Redwood', 'Yosemite'])
      assert.equal(found.facets, undefined)
      assert.ok(found.results.every(hit => hit.description === undefined && hit.states === undefined))
      // What is not shown cannot be found out either.
      await refused(signed.search(parks, '', { filters: { acres: { from: 1 } } }), 'Bad Request', ['Filters contains invalid field: acres'])
      assert.equal((await signed.multiSearch(parks, [{ query: 'acadia' }]))[0].meta.page.total_results, 0)
      await refused(signed.listEngines(), 'Unauthorized', unauthorized)
      await refused(signed.getDocuments(parks, ['park_yosemite']), 'Unauthorized', unauthorized)
      await refused(signed.indexDocuments(parks, [{ id: 'x' }]), 'Unauthorized', unauthorized)
    }
  })
  test('createSignedSearchKey, refused', async () => {
    const token = (...parts) => c.as(c.sign(...parts)).search(parks, '')
    await refused(token(world.keys['search-key'], 'private-key'), 'Unauthorized', invalidToken)
    await refused(token(world.keys['search-key'], 'no-such'), 'Unauthorized', invalidToken)
    for (const unfit of ['writer', 'admin']) await refused(token(world.keys[unfit], unfit), 'Unauthorized', invalidToken)
    await refused(token(world.keys['search-key'], 'search-key', { bogus: 1 }), 'Bad Request', ['Options contains invalid key: bogus'])
    await refused(token(world.keys['search-key'], 'search-key', { exp: Math.floor(Date.now() / 1000) - 3600 }), 'Unauthorized', invalidToken)
    const elsewhere = c.as(c.sign(world.keys.elsewhere, 'elsewhere', { query: 'acadia' }))
    assert.equal(ids(await elsewhere.search(parks, 'yosemite'))[0], 'park_acadia')
    await refused(elsewhere.search('no-such', ''), 'Not Found', noEngine)
  })
}

function curations (c) {
  const engine = c.name('curations')
  let id
  test('createCuration', async () => {
    await c.full.createEngine(engine)
    await c.full.indexDocuments(engine, ['a', 'b', 'c'].map(id => ({ id, title: 'lamp ' + id })))
    const made = await c.full.createCuration(engine, { queries: ['lamp'], promoted: ['c'], hidden: ['a'] })
    assert.deepEqual(Object.keys(made), ['id'])
    assert.match(made.id, /^cur-[0-9a-f]{24}$/)
    id = made.id
    await eventually(async () => assert.deepEqual(ids(await c.full.search(engine, 'lamp')), ['c', 'b']))
    await refused(c.full.createCuration(engine, { promoted: ['c'] }), 'Bad Request', ['Missing required parameter: queries'])
    await refused(c.full.createCuration(engine, { queries: ['x'] }), 'Bad Request', /promoted|hidden/)
    await refused(c.read.createCuration(engine, { queries: ['x'], promoted: ['c'] }), 'Unauthorized', unauthorized)
    await refused(c.full.createCuration('no-such', { queries: ['x'], promoted: ['c'] }), 'Not Found', noEngine)
  })
  test('getCuration', async () => {
    assert.deepEqual(await c.read.getCuration(engine, id), { id, queries: ['lamp'], promoted: ['c'], hidden: ['a'] })
    await refused(c.full.getCuration(engine, 'cur-0'), 'Not Found', ['Curation not found with id: cur-0'])
    await refused(c.write.getCuration(engine, id), 'Unauthorized', unauthorized)
  })
  test('updateCuration', async () => {
    assert.deepEqual(await c.full.updateCuration(engine, id, { queries: ['lamp', 'light'], promoted: ['b'], hidden: [] }), { id })
    await refused(c.full.updateCuration(engine, 'cur-0', { queries: ['x'], promoted: ['b'] }), 'Not Found', ['Curation not found with id: cur-0'])
    await refused(c.full.updateCuration(engine, id, { queries: [], promoted: ['b'] }), 'Bad Request', /queries/i)
    await refused(c.read.updateCuration(engine, id, { queries: ['x'], promoted: ['b'] }), 'Unauthorized', unauthorized)
  })
  test('listCurations', async () => {
    const list = await c.full.listCurations(engine)
    assert.deepEqual(list, {
      meta: { page: { current: 1, total_pages: 1, total_results: 1, size: 25 } },
      results: [{ id, queries: ['lamp', 'light'], promoted: ['b'], hidden: [] }]
    })
    assert.deepEqual((await c.full.listCurations(engine, { page: { current: 2, size: 1 } })).results, [])
    await refused(c.full.listCurations('no-such'), 'Not Found', noEngine)
    await refused(c.search.listCurations(engine), 'Unauthorized', unauthorized)
  })
  test('destroyCuration', async () => {
    await refused(c.read.destroyCuration(engine, id), 'Unauthorized', unauthorized)
    assert.deepEqual(await c.full.destroyCuration(engine, id), { deleted: true })
    await refused(c.full.destroyCuration(engine, id), 'Not Found', ['Curation not found with id: ' + id])
  })
}

module.exports = { begin, refused, ids, unauthorized, noEngine, invalidToken, engines, documents, searching, suggesting, signing, curations }
