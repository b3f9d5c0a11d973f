package importer

import (
	"context"
	"net/url"
	"strconv"

	"latchkey/db/secret"
)

// The shapes in which an App Search answers, of all versions: what one version leaves out is nil or empty.

// credentialWire is a key.
//
//	{"id":"…","key":"private-…","name":"indexer","type":"private","read":true,"write":false,"engines":["shop-en"]}
type credentialWire struct {
	Key              secret.Secret `json:"key"`
	Name             string        `json:"name"`
	Type             string        `json:"type"`
	Read             bool          `json:"read"`
	Write            bool          `json:"write"`
	AccessAllEngines bool          `json:"access_all_engines"`
	Engines          []string      `json:"engines"`
}

// engineWire is an engine.
//
//	{"name":"shop","type":"default","language":null,"document_count":0}
//	{"name":"all","type":"meta","source_engines":["shop","blog"],"document_count":0}
type engineWire struct {
	Name      string   `json:"name"`
	Type      string   `json:"type"`
	Language  string   `json:"language"`
	Sources   []string `json:"source_engines"`
	Documents int64    `json:"document_count"`
}

// listWire is a page of any list.
//
//	{"meta":{"page":{"current":1,"total_pages":1,"total_results":2,"size":25}},"results":[ … ]}
type listWire[T any] struct {
	Meta struct {
		Page *struct {
			Pages int   `json:"total_pages"`
			Total int64 `json:"total_results"`
		} `json:"page"`
	} `json:"meta"`
	Results []T `json:"results"`
}

// pageQuery asks for a page of a list.
func pageQuery(current, size int) url.Values {
	return url.Values{"page[current]": {strconv.Itoa(current)}, "page[size]": {strconv.Itoa(size)}}
}

// listSize is how many keys, engines, synonyms and curations are asked for at once: what App Search gives if nothing is
// said.
const listSize = 25

// all reads a whole list. Of what pages have in common, each is given once; id tells one from another.
func all[T any](ctx context.Context, c *client, key secret.Secret, way []string, id func(T) string) ([]T, error) {
	var list []T
	seen := map[string]bool{}
	for current := 1; ; current++ {
		var page listWire[T]
		if err := c.ask(ctx, question{key: key, way: way, query: pageQuery(current, listSize)}, &page); err != nil {
			return nil, err
		}
		if page.Meta.Page == nil {
			return nil, errShape
		}
		before := len(list)
		for _, one := range page.Results {
			if !seen[id(one)] {
				seen[id(one)] = true
				list = append(list, one)
			}
		}
		switch {
		case current >= page.Meta.Page.Pages || len(page.Results) == 0:
			return list, nil
		case len(list) == before:
			return nil, errRepeats
		case endless(len(list), page.Meta.Page.Total):
			return nil, errEndless
		}
	}
}

// endless reports whether far more came than a source says it has. Some more may be made while a list is read.
func endless(n int, total int64) bool { return int64(n) > 2*total+10_000 }
