'use strict'
// @elastic/enterprise-search: API keys, as a user with a password and with an admin key. Part of enterprise_search.js.
const assert = require('node:assert/strict')
const { refused, unauthorized, wrongPassword, invalidToken } = require('./enterprise_suite.js')
const { test, world } = require('./ledger.js')
const c = require('./enterprise_search.js')

const parks = 'national-parks-demo'
const noKey = /./

function keys (who, prefix) {
  const name = prefix + '-indexer'
  let secret
  test(prefix + ': createApiKey', async () => {
    const made = await who.createApiKey({ body: { name, type: 'private', read: true, write: true, access_all_engines: false, engines: [parks] } })
    const { id, key, ...rest } = made
    assert.match(id, /\|name:/)
    assert.match(key, /^private-/)
    assert.deepEqual(rest, { name, type: 'private', read: true, write: true, engines: [parks] })
    secret = key
    assert.deepEqual((await c.as({ token: secret }).listEngines()).results.map(e => e.name), [parks])
    const search = await who.createApiKey({ body: { name: name + '-search', type: 'search', access_all_engines: true, engines: [] } })
    assert.match(search.key, /^search-/)
    assert.deepEqual({ ...search, id: 0, key: 0 }, { id: 0, key: 0, name: name + '-search', type: 'search', access_all_engines: true })
    const admin = await who.createApiKey({ body: { name: name + '-admin', type: 'admin' } })
    assert.deepEqual({ ...admin, id: 0, key: 0 }, { id: 0, key: 0, name: name + '-admin', type: 'admin' })
  })
  test(prefix + ': createApiKey, refused', async () => {
    await refused(who.createApiKey({ body: { name, type: 'admin' } }), 400, /taken/)
    await refused(who.createApiKey({ body: { type: 'admin' } }), 400, 'Missing required parameter: name')
    await refused(who.createApiKey({ body: { name: name + '-x' } }), 400, 'Missing required parameter: type')
    await refused(who.createApiKey({ body: { name: name + '-x', type: 'bogus' } }), 400, /type/)
    await refused(who.createApiKey({ body: { name: name + '-x', type: 'private', read: false, write: false, access_all_engines: true } }), 400, /read/)
    await refused(who.createApiKey({ body: { name: name + '-x', type: 'search', read: true, access_all_engines: true } }), 400, /read/)
    for (const other of [c.full, c.search]) await refused(other.createApiKey({ body: { name: name + '-x', type: 'admin' } }), 401, unauthorized)
    await refused(c.wrongPassword.createApiKey({ body: { name: name + '-x', type: 'admin' } }), 401, wrongPassword)
  })
  test(prefix + ': getApiKey', async () => {
    const got = await who.getApiKey({ api_key_name: name })
    assert.equal(got.name, name)
    assert.ok('id' in got && 'key' in got)
    // Secrets are readable only in projects that say so; in this one a private key is masked once it is made.
    assert.match(got.key, /^private-.{3}\*{5}.{3}$/)
    assert.match((await who.getApiKey({ api_key_name: name + '-search' })).key, /^search-[^*]+$/)
    await refused(who.getApiKey({ api_key_name: 'no-such' }), 404, noKey)
    await refused(c.full.getApiKey({ api_key_name: name }), 401, unauthorized)
  })
  test(prefix + ': listApiKeys', async () => {
    const list = await who.listApiKeys({ page: { current: 1, size: 100 } })
    assert.equal(list.meta.page.size, 100)
    const names = list.results.map(k => k.name)
    assert.deepEqual(names, [...names].sort())
    for (const wanted of ['private-key', 'search-key', name]) assert.ok(names.includes(wanted), wanted)
    assert.ok(!names.includes('revoked'))
    assert.equal((await who.listApiKeys({ page: { size: 1, current: 2 } })).results[0].name, names[1])
    await refused(who.listApiKeys({ page: { size: 'many' } }), 400, /Page size/)
    await refused(c.full.listApiKeys(), 401, unauthorized)
  })
  test(prefix + ': putApiKey', async () => {
    const changed = await who.putApiKey({ api_key_name: name, body: { name, type: 'private', read: true, write: false, access_all_engines: true } })
    assert.deepEqual({ ...changed, id: 0, key: 0 }, { id: 0, key: 0, name, type: 'private', read: true, write: false, access_all_engines: true })
    const key = c.as({ token: secret })
    assert.ok((await key.listEngines()).results.length > 0)
    await refused(key.createEngine({ body: { name: 'x' } }), 401, unauthorized)
    await refused(who.putApiKey({ api_key_name: name, body: { name: name + '-y', type: 'private', read: true, write: false, access_all_engines: true } }), 400, /name/)
    await refused(who.putApiKey({ api_key_name: name, body: { name, type: 'search', access_all_engines: true } }), 400, /type/)
    await refused(who.putApiKey({ api_key_name: 'no-such', body: { name: 'no-such', type: 'admin' } }), 404, noKey)
    await refused(c.full.putApiKey({ api_key_name: name, body: { name, type: 'admin' } }), 401, unauthorized)
  })
  test(prefix + ': deleteApiKey', async () => {
    await refused(c.full.deleteApiKey({ api_key_name: name }), 401, unauthorized)
    for (const suffix of ['', '-search', '-admin']) assert.deepEqual(await who.deleteApiKey({ api_key_name: name + suffix }), { deleted: true })
    await refused(who.deleteApiKey({ api_key_name: name }), 404, noKey)
    await refused(who.getApiKey({ api_key_name: name }), 404, noKey)
    await refused(c.as({ token: secret }).listEngines(), 401, invalidToken)
  })
}

test('user: getApiKey where secrets are readable', async () => {
  // The way in which programs fetch their key when they start: with a password, by the name of the key.
  const url = `${world.url}/h/${world.readable}`
  const user = c.as({ username: world.email, password: world.password }, url)
  const made = await user.createApiKey({ body: { name: 'fetched', type: 'private', read: true, write: true, access_all_engines: true } })
  assert.deepEqual(await user.getApiKey({ api_key_name: 'fetched' }), made)
  const changed = await user.putApiKey({ api_key_name: 'fetched', body: { name: 'fetched', type: 'private', read: true, write: false, access_all_engines: true } })
  assert.deepEqual(changed, { ...made, write: false })
  assert.deepEqual((await user.listApiKeys()).results.find(k => k.name === 'fetched'), changed)
  assert.deepEqual((await c.as({ token: made.key }, url).listEngines()).results, [])
  await refused(c.as({ token: world.keys['private-key'] }, url).listEngines(), 401, { error: 'Invalid authentication token.' })
})

keys(c.user, 'user')
keys(c.admin, 'admin')
