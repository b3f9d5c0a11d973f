'use strict'
// A ledger knows the methods of a client and notes how every call of them ended. At the end each method must have been
// seen to succeed and to be refused, except those that are named with a reason; so no method is forgotten.
const assert = require('node:assert/strict')
const { test } = require('node:test')

/** methodsOf lists what a client offers. */
function methodsOf (prototype) {
  const names = new Set()
  for (let p = prototype; p && p !== Object.prototype; p = Object.getPrototypeOf(p)) {
    for (const name of Object.getOwnPropertyNames(p)) {
      const { value } = Object.getOwnPropertyDescriptor(p, name)
      if (typeof value === 'function' && name !== 'constructor' && !name.startsWith('_')) names.add(name)
    }
  }
  return [...names].sort()
}

class Ledger {
  /**
   * @param {string} client name of the client, for messages
   * @param {string[]} methods what the client offers
   * @param {Object<string, string>} excluded methods that are not called, each with its reason
   * @param {Object<string, string>} infallible methods that are not refused, each with its reason
   */
  constructor (client, methods, excluded = {}, infallible = {}) {
    Object.assign(this, { client, methods, excluded, infallible, good: new Set(), bad: new Set() })
    // Not a hook of node:test, whose failures some versions of Node.js do not count.
    process.on('exit', () => {
      const problems = this.check()
      if (problems.length === 0) return
      console.error(`methods of ${this.client}:\n  ` + problems.join('\n  '))
      process.exitCode = 1
    })
  }

  /** note counts a call by how it ends, and passes its end on. */
  note (name, call) {
    let result
    try {
      result = call()
    } catch (err) {
      this.bad.add(name)
      throw err
    }
    if (typeof result?.then !== 'function') {
      this.good.add(name)
      return result
    }
    return result.then(
      value => { this.good.add(name); return value },
      err => { this.bad.add(name); throw err })
  }

  /** watch gives a client whose calls are noted. */
  watch (client) {
    return new Proxy(client, {
      get: (target, name) => {
        const value = target[name]
        if (typeof value !== 'function' || !this.methods.includes(name)) return value
        return (...args) => this.note(name, () => value.apply(target, args))
      }
    })
  }

  /** check tells which methods were forgotten. */
  check () {
    const problems = []
    for (const name of [...Object.keys(this.excluded), ...Object.keys(this.infallible)]) {
      if (!this.methods.includes(name)) problems.push(`${name} is excepted, but there is no such method`)
    }
    for (const name of this.methods) {
      const excluded = name in this.excluded
      const called = this.good.has(name) || this.bad.has(name)
      if (excluded && called) problems.push(`${name} is excluded, but was called`)
      if (excluded) continue
      if (!this.good.has(name)) problems.push(`${name} was never seen to succeed`)
      if (name in this.infallible ? this.bad.has(name) : !this.bad.has(name)) {
        problems.push(`${name} ${this.bad.has(name) ? 'is infallible, but was refused' : 'was never seen to be refused'}`)
      }
    }
    return problems
  }
}

/** world is what the test of the whole program says about the server. */
const world = JSON.parse(process.env.LATCHKEY_WORLD ?? 'null')
assert.ok(world, 'LATCHKEY_WORLD is not set; these scripts are run by TestOfficialClients')

/** eventually waits until something holds that the server does afterwards, and tells the last failure if it never does. */
async function eventually (check) {
  for (let tries = 0; ; tries++) {
    try {
      return await check()
    } catch (err) {
      if (tries === 100 || !(err instanceof assert.AssertionError)) throw err
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
}

module.exports = { Ledger, methodsOf, world, test, eventually }
