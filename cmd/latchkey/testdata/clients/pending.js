'use strict'
// What the server does not have yet: the tests of these methods, and those that a user with a password runs, wait for it.
module.exports = {
  methods: ['createCuration', 'getCuration', 'updateCuration', 'putCuration', 'listCurations', 'destroyCuration', 'deleteCuration',
    'createMetaEngine', 'addMetaEngineSources', 'deleteMetaEngineSources', 'addMetaEngineSource', 'deleteMetaEngineSource',
    'createSynonymSet', 'getSynonymSet', 'putSynonymSet', 'listSynonymSets', 'deleteSynonymSet', 'getSearchSettings', 'putSearchSettings', 'resetSearchSettings',
    'search_explain'],
  tests: [],
  who: []
}
