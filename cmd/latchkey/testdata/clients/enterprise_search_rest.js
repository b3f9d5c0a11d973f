'use strict'
// @elastic/enterprise-search: what it offers beside App Search. Latchkey answers what tools and test suites ask of an
// installation; the rest administers products of Elastic.
const assert = require('node:assert/strict')
const { begin, refused } = require('./enterprise_suite.js')
const { test } = require('./ledger.js')

const unknown = { error: 'unable_to_authenticate_user' }
const noSwitch = 'it administers an installation of Elastic'
const enterprise = begin('enterprise', Object.fromEntries(
  ['putReadOnly', 'getStats', 'getStorage', 'getStaleStorage', 'deleteStaleStorage'].map(name => [name, noSwitch])))

test('getVersion', async () => {
  const version = await enterprise.user.getVersion()
  assert.deepEqual(Object.keys(version), ['number', 'build_hash', 'build_date'])
  assert.match(version.number, /^8\.\d+\.\d+$/)
  await refused(enterprise.wrongPassword.getVersion(), 401, unknown)
})

test('getHealth', async () => {
  assert.match((await enterprise.user.getHealth()).version.number, /^8\./)
  await refused(enterprise.wrongPassword.getHealth(), 401, unknown)
})

test('getReadOnly', async () => {
  assert.deepEqual(await enterprise.user.getReadOnly(), { enabled: false })
  await refused(enterprise.wrongPassword.getReadOnly(), 401, unknown)
  // App Search keys do not count there, as it says itself.
  await refused(enterprise.full.getReadOnly(), 401, unknown)
})

// Workplace Search is another product. The official test suites look for its sources when they clean up.
const { Client } = require('@elastic/enterprise-search')
const other = Object.getOwnPropertyNames(Object.getPrototypeOf(Object.getPrototypeOf(new Client({ url: 'http://localhost', auth: { token: 'x' } }).workplace)))
const workplace = begin('workplace', Object.fromEntries(
  other.filter(name => !['constructor', 'listContentSources'].includes(name)).map(name => [name, 'Workplace Search is another product'])))

test('listContentSources', async () => {
  assert.deepEqual((await workplace.user.listContentSources()).results, [])
  await refused(workplace.wrongPassword.listContentSources(), 401, unknown)
})
