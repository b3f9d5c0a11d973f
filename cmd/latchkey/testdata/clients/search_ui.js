// A search page as people build it with Search UI and its connector for App Search. The test serves it from an origin of
// its own and bundles it by esbuild.
import { SearchDriver } from '@elastic/search-ui'
import AppSearchAPIConnector from '@elastic/search-ui-app-search-connector'

const settings = JSON.parse(document.getElementById('settings').textContent)
const $ = id => document.getElementById(id)

const driver = new SearchDriver({
  apiConnector: new AppSearchAPIConnector({
    endpointBase: settings.endpoint,
    searchKey: settings.key,
    engineName: 'national-parks-demo',
    cacheResponses: false,
    additionalHeaders: { 'X-Shop-Window': 'north' } // has to pass the preflight like their own
  }),
  alwaysSearchOnInitialLoad: true,
  searchQuery: {
    search_fields: { title: { weight: 5 }, description: {}, states: {} },
    result_fields: { title: { raw: {}, snippet: { size: 60, fallback: true } }, states: { raw: {} } },
    disjunctiveFacets: ['states'],
    facets: {
      states: { type: 'value', size: 30 },
      world_heritage_site: { type: 'value' },
      acres: { type: 'range', ranges: [{ from: -1, to: 100000, name: 'small' }, { from: 100000, name: 'large' }] }
    }
  },
  autocompleteQuery: {
    suggestions: { types: { documents: { fields: ['title'] } }, size: 4 }
  },
  initialState: { resultsPerPage: 10, sortList: [{ field: '_score', direction: 'desc' }, { field: 'title', direction: 'asc' }] }
})

function element (name, text, properties = {}, onclick) {
  const e = Object.assign(document.createElement(name), properties)
  e.textContent = text
  if (onclick) e.addEventListener('click', onclick)
  return e
}

function show (state) {
  $('error').textContent = state.error ?? ''
  $('paging').textContent = `${state.pagingStart} to ${state.pagingEnd} of ${state.totalResults}`
  $('suggestions').replaceChildren(...(state.autocompletedSuggestions.documents ?? []).map(s => element('li', s.suggestion)))
  $('results').replaceChildren(...state.results.map(result => {
    const link = element('a', '', { id: result.id.raw }, () => driver.trackClickThrough(result.id.raw, ['window']))
    link.innerHTML = result.title.snippet // which is safe, says their documentation
    const item = element('li', ` (${(result.states.raw ?? []).join(', ')})`)
    item.prepend(link)
    return item
  }))
  $('facets').replaceChildren(...Object.entries(state.facets).flatMap(([field, [facet]]) => facet.data.map(({ value, count }) => {
    const text = value.name ?? value
    return element('button', `${text} ${count}`, { id: `${field}-${text}` }, () => driver.addFilter(field, value, 'any'))
  })))
  // Only now everything of one answer can be seen.
  document.body.dataset.state = state.isLoading && !state.error ? 'searching' : 'done'
}

driver.subscribeToStateChanges(show)
$('query').addEventListener('input', e => driver.setSearchTerm(e.target.value, { autocompleteSuggestions: true, refresh: true, debounce: 0 }))
$('next').addEventListener('click', () => driver.setCurrent(driver.getState().current + 1))
