'use strict'
// What the tests of @elastic/enterprise-search share.
const assert = require('node:assert/strict')
const { Client } = require('@elastic/enterprise-search')
const { Ledger, methodsOf, world } = require('./ledger.js')

const client = (auth, url = world.url) => new Client({ url, auth })
const out = 'the crawler, adaptive relevance and whatever speaks of Elasticsearch are no part of Latchkey'

/** ledgerOf notes the calls of one of the three APIs. */
function ledgerOf (api, excluded, infallible) {
  const methods = methodsOf(Object.getPrototypeOf(client({ token: 'x' })[api]))
  const outside = methods.filter(name => /Crawler|AdaptiveRelevance|^searchEsSearch$/.test(name))
  return new Ledger(`enterprise-search, ${api}`, methods, { ...Object.fromEntries(outside.map(name => [name, out])), ...excluded }, infallible)
}

/** begin gives clients of one of the three APIs, by who they are. */
function begin (api, excluded, infallible) {
  const ledger = ledgerOf(api, excluded, infallible)
  const as = (auth, url) => ledger.watch(client(auth, url)[api])
  const k = world.keys
  return {
    as,
    user: as({ username: world.email, password: world.password }),
    wrongPassword: as({ username: world.email, password: 'not the password' }),
    stranger: as({ username: 'nobody@example.com', password: world.password }),
    full: as({ token: k['private-key'] }),
    read: as({ token: k.reader }),
    write: as({ token: k.writer }),
    search: as({ token: k['search-key'] }),
    admin: as({ token: k.admin }),
    elsewhere: as({ token: k.elsewhere }),
    revoked: as({ token: k.revoked })
  }
}

/** refused expects an error with a status and a body; a text stands for the one element of its "errors". */
async function refused (call, status, body) {
  await assert.rejects(call, err => {
    assert.equal(err.statusCode, status, `${err.statusCode} ${JSON.stringify(err.body)}`)
    if (body instanceof RegExp) assert.match(err.body.errors.join('\n'), body)
    else assert.deepEqual(err.body, typeof body === 'string' ? { errors: [body] } : body)
    return true
  })
}

const unauthorized = 'Unauthorized action.'
const noEngine = 'Could not find engine.'
const wrongPassword = { error: 'The e-mail address or the password is wrong.' }
const invalidToken = { error: 'Invalid authentication token.' }

module.exports = { begin, refused, unauthorized, noEngine, wrongPassword, invalidToken }
