package credential

import (
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"

	"latchkey/db/secret"
)

// shelves are the keys of each project, to look through. They have a lock of their own: looking takes a moment, and no
// check of a key waits for it.
type shelves struct {
	mu sync.RWMutex
	of map[string]map[string]*entry // project and id
}

func (s *shelves) put(e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	shelf := s.of[e.principal.Project]
	if shelf == nil {
		shelf = map[string]*entry{}
		s.of[e.principal.Project] = shelf
	}
	shelf[e.principal.ID] = e
}

func (s *shelves) remove(e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.of[e.principal.Project], e.principal.ID)
}

// each gives all keys of a project.
func (s *shelves) each(project string, yield func(*entry)) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, e := range s.of[project] {
		yield(e)
	}
}

// choice is the keys of a project that a filter asks for.
type choice struct {
	n     int
	few   []string // their ids, where they are no more than maxNamed
	shelf func(id string) *entry
	fits  func(*entry) bool
}

// choose looks through a project's keys.
func (s *shelves) choose(project string, fits func(*entry) bool) *choice {
	c := &choice{fits: fits, shelf: func(id string) *entry {
		s.mu.RLock()
		defer s.mu.RUnlock()
		return s.of[project][id]
	}}
	s.each(project, func(e *entry) {
		if !fits(e) {
			return
		}
		if c.n++; c.n <= maxNamed {
			c.few = append(c.few, e.principal.ID)
		}
	})
	return c
}

// has reports whether a key is among them.
func (c *choice) has(id string) bool {
	e := c.shelf(id)
	return e != nil && c.fits(e)
}

// named reports whether they can be named one by one.
func (c *choice) named() bool { return c.n <= maxNamed }

// picks reports whether a filter asks for more than a state.
func (f Filter) picks() bool {
	return f.Type != "" || f.Access != "" || f.Engine != "" || f.Creator != "" || strings.TrimSpace(f.Text) != ""
}

// fits gives the test whether a key is what the filter asks for. As far as the memory knows, also whether its state is:
// when it was last used stands in the database only.
func (f Filter) fits(m moments) func(*entry) bool {
	text := f.text()
	return func(e *entry) bool {
		return f.inState(e, m) &&
			(f.Type == "" || e.principal.KeyType == string(f.Type)) &&
			(f.Access == "" || e.access == f.Access) &&
			(f.Creator == "" || e.creator == f.Creator) &&
			(f.Engine == "" || reaches(e, f.Engine)) &&
			text(e)
	}
}

func reaches(e *entry, engine string) bool {
	return e.principal.KeyType != string(secret.Admin) && (e.principal.Scope.All || slices.Contains(e.principal.Scope.Engines, engine))
}

func (f Filter) inState(e *entry, m moments) bool {
	alive := !e.revoked && (e.expires == 0 || e.expires > m.now)
	switch f.Status {
	case string(ExpiringSoon):
		return alive && e.expires != 0 && e.expires <= m.soon
	case string(Expired):
		return !e.revoked && !alive
	case string(Revoked):
		return e.revoked
	case string(Legacy):
		return alive && e.legacy
	case string(Active), string(NeverUsed), string(Unused):
		return alive
	}
	return alive || f.Inactive || f.Live && !e.revoked
}

// text gives the test for a piece of text. A whole secret is found by its hash and goes nowhere else.
func (f Filter) text() func(*entry) bool {
	text := strings.TrimSpace(f.Text)
	if text == "" {
		return func(*entry) bool { return true }
	}
	_, ours := secret.Parse(text)
	secretive := ours || secret.CheckForeign(text) == ""
	hash, piece := secret.Hash(text), fold(text)
	return func(e *entry) bool {
		return secretive && e.hash == hash || !ours && (strings.Contains(e.text, piece) || e.principal.ID == text)
	}
}

// searchText is what a text filter looks in.
func (k Key) searchText() string {
	return fold(strings.Join([]string{k.Name, k.Description, k.Visible}, "\n"))
}

func fold(s string) string { return strings.ToLower(norm.NFC.String(s)) }

// view is the keys that a list shows by their state.
type view struct {
	living, ended, revoked bool
	condition              string // on those that are not revoked
}

// view words what a filter says about states.
func (f Filter) view() view {
	switch f.Status {
	case string(Active):
		return view{living: true, condition: isAlive}
	case string(ExpiringSoon):
		return view{living: true, condition: "k.expires_at > :now AND k.expires_at <= :soon"}
	case string(Expired):
		return view{ended: true, condition: "k.expires_at <= :now"}
	case string(Revoked):
		return view{revoked: true}
	case string(NeverUsed):
		return view{living: true, condition: "k.used_at IS NULL AND " + isAlive}
	case string(Unused):
		return view{living: true, condition: "k.idle_since < :idle AND " + isAlive}
	case string(Legacy):
		return view{living: true, condition: "k.legacy AND " + isAlive}
	}
	switch {
	case f.Inactive:
		return view{living: true, ended: true, revoked: true}
	case f.Live:
		return view{living: true, ended: true}
	}
	return view{living: true, condition: isAlive}
}

// sides tells on which sides of the indexes the keys of a segment lie that a list shows: false for those that are not
// revoked.
func (v view) sides(s segment) []bool {
	var list []bool
	if s.of == "" && (v.living || v.ended) || s.of == living && v.living || s.of == ended && v.ended {
		list = append(list, false)
	}
	if v.revoked && (s.of == "" || s.of == revoked) {
		list = append(list, true)
	}
	return list
}

func (v view) where(dead bool) string {
	if dead {
		return ""
	}
	return v.condition
}
