'use strict'
// What the server does not have yet: the tests of these methods, and those that a user with a password runs, wait for it.
module.exports = {
  methods: ['search_explain'],
  tests: [],
  who: []
}
