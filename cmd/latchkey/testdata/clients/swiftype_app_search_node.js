'use strict'
// swiftype-app-search-node, the client of 2018: its applications were never touched since.
const suite = require('./node_suite.js')

const c = suite.begin(require('swiftype-app-search-node'), 'swiftype')
for (const part of ['engines', 'documents', 'searching', 'suggesting', 'signing', 'curations']) suite[part](c)
