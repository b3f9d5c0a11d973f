package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/db/usage"
)

// seedKey is a key of the seeded project as its history tells it. Days count back from seedNow.
type seedKey struct {
	word        string // by which looks name it
	description string
	in          credential.Input
	by          string
	age         int
	expires     int // days after seedNow; 0: never
	revoked     int // days before seedNow; 0: not
	perDay      int // requests on a working day
	still       int // days before seedNow since when nobody uses it
	rejected    int // a day
	agent       string
}

func private(access permission.Access, engines ...string) credential.Input {
	return credential.Input{Type: secret.Private, Access: access, Engines: engines, AllEngines: len(engines) == 0}
}

func custom(permissions []string, engines ...string) credential.Input {
	in := private(permission.AccessCustom, engines...)
	in.Permissions = permissions
	return in
}

// seedKeys are the keys with a story; addKeys adds many more that are alike.
func seedKeys() []seedKey {
	search := credential.Input{Type: secret.Search, Engines: []string{"products"}}
	return []seedKey{
		{word: "normal", description: "Storefront search backend", in: private(permission.AccessRead, "products", "stores"), by: manager, age: 330, perDay: 900, rejected: 3, agent: "elastic-app-search-node/8.13.0 (node v24.2.0)"},
		{word: "search", description: "Shop search box", in: search, by: admin, age: 340, perDay: 2600, rejected: 11, agent: firefox},
		{word: "expiring", description: "Parks importer, staging", in: custom([]string{"documents.modify", "search.read"}, "national-parks-demo"), by: manager, age: 21, expires: 9, perDay: 120, agent: "python-requests/2.32.3"},
		{word: "expired", description: "Black Friday load test", in: private(permission.AccessFull, "products-staging"), by: "priya.raghunathan@nordlys.example", age: 120, expires: -96, perDay: 700, still: 97, rejected: 2, agent: "k6/0.57.0"},
		{word: "revoked", description: "Old warehouse sync (leaked in a ticket)", in: private(permission.AccessFull), by: manager, age: 300, revoked: 12, perDay: 340, still: 12, rejected: 25, agent: "Go-http-client/2.0"},
		{word: "never used", description: "Reserve key for the agency", in: private(permission.AccessRead, "products"), by: admin, age: 5},
		{word: "unused", description: "Return labels, old printer service", in: private(permission.AccessWrite, "orders", "returns-2026"), by: manager, age: 290, perDay: 40, still: 131, agent: "okhttp/4.12.0"},
		{word: "admin", description: "Terraform: key administration", in: credential.Input{Type: secret.Admin}, by: admin, age: 200, expires: 165, perDay: 6, agent: "terraform-provider-latchkey/0.9"},
		{word: "custom", description: "Nightly indexer with a description that goes on for longer than most people would write, because it names the ticket, the team and the machine", in: custom([]string{"documents.modify", "indices.read"}, "products", "orders", "stores", "returns-2026"), by: manager, age: 250, expires: 115, perDay: 480, agent: "latchkey-indexer/1.4 (+https://nordlys.example/indexer)"},
		{word: "rtl", description: "مفتاح فهرسة المتجر", in: private(permission.AccessWrite, "stores"), by: manager, age: 60, expires: 305, perDay: 30, agent: "ruby"},
		{word: "long", description: "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", in: private(permission.AccessRead, "marketing-campaigns-northern-europe-archive-2019-to-2025"), by: manager, age: 44, perDay: 4, agent: "curl/8.12.1"},
		{word: "today", description: "CI, pull request checks", in: private(permission.AccessFull, "products-staging"), by: manager, age: 3, expires: 1, perDay: 55, rejected: 1, agent: "elastic-app-search-ruby/8.2"},
	}
}

// addKeys makes the keys with a story and, between them, so many others that the list has a second page, and counts what
// they were used for.
func (w *seeded) addKeys() {
	w.t.Helper()
	list := seedKeys()
	teams := []string{"Checkout", "Mobile app", "Newsletter", "Loyalty", "Marketplace feed", "Store finder", "Price monitor", "Support desk", "Analytics export", "Partner portal", "Kiosk"}
	for i := range 46 {
		k := seedKey{description: teams[i%len(teams)] + []string{", production", ", staging", ", development", " (copy)", ", batch"}[i%5], by: []string{admin, manager}[i%2],
			age: 340 - i*7, perDay: (i * 37) % 211, agent: "elastic-app-search-php/7.17", in: private([]permission.Access{permission.AccessRead, permission.AccessWrite, permission.AccessFull}[i%3], "products")}
		switch i % 9 {
		case 2:
			k.in = credential.Input{Type: secret.Search, AllEngines: true}
		case 4:
			k.still = 20 + i
		case 5:
			k.revoked, k.still = 2+i, 2+i
		case 7:
			k.expires = 30 + i*5
		}
		list = append(list, k)
	}
	ids := make([]string, len(list))
	var history []deed
	for i, k := range list {
		history = append(history, deed{seedNow.AddDate(0, 0, -k.age).Add(-time.Duration(37+i) * time.Minute), func() { ids[i] = w.addKey(k) }})
		if k.revoked > 0 {
			history = append(history, deed{seedNow.AddDate(0, 0, -k.revoked).Add(time.Duration(11-i) * time.Minute), func() {
				_, err := w.credentials.Revoke(context.Background(), w.who(admin), w.place, ids[i])
				w.must(err)
			}})
		}
	}
	w.inOrder(history)
	for i, k := range list {
		w.use(ids[i], k)
		if k.word != "" {
			w.thing("key", k.word, ids[i])
		}
	}
	w.at(seedNow)
	w.must(w.usage.Flush(context.Background()))
}

// deed is something that was done at a moment.
type deed struct {
	at time.Time
	do func()
}

// inOrder lets things happen one after the other.
func (w *seeded) inOrder(history []deed) {
	slices.SortStableFunc(history, func(a, b deed) int { return a.at.Compare(b.at) })
	for _, d := range history {
		w.at(d.at)
		d.do()
	}
}

func (w *seeded) addKey(k seedKey) string {
	w.t.Helper()
	k.in.Description = k.description
	if k.expires != 0 {
		k.in.ExpiresAt = seedNow.AddDate(0, 0, k.expires).Truncate(24 * time.Hour)
	}
	made, _, err := w.credentials.Create(context.Background(), w.who(k.by), w.place, k.in, nil)
	w.must(err)
	return made.ID
}

// use counts what a key was used for, some hours of every day.
func (w *seeded) use(id string, k seedKey) {
	chance := rand.New(rand.NewPCG(uint64(len(k.description)), uint64(k.age)))
	trend := chance.Float64()*1.6 - 0.6 // how much busier it is now than a year ago
	for day := k.age - 1; day >= 0; day-- {
		noon := seedNow.AddDate(0, 0, -day).Truncate(24 * time.Hour)
		n := float64(k.perDay) * (1 - trend*float64(day)/365) * (0.75 + chance.Float64()/2)
		if wd := noon.Weekday(); wd == time.Saturday || wd == time.Sunday {
			n *= 0.2 + 0.5*chance.Float64()
		}
		for i, hour := range []int{6, 9, 11, 14} {
			if day == 0 && hour > 13 {
				hour = 13
			}
			w.at(noon.Add(time.Duration(hour)*time.Hour + time.Duration(5+chance.IntN(50))*time.Minute))
			if w.clock.Now().After(seedNow) {
				continue
			}
			if day >= k.still {
				w.count(id, usage.Accepted, int(n)/4, k.agent)
			}
			if i == 1 && (day < k.still || chance.IntN(5) == 0) {
				w.count(id, k.refusal(day), k.rejected, k.agent)
			}
		}
	}
}

// refusal is why requests with a key are refused on a day.
func (k seedKey) refusal(day int) usage.Reason {
	switch {
	case k.revoked > day:
		return usage.KeyRevoked
	case k.expires < 0 && -k.expires > day:
		return usage.KeyExpired
	}
	return []usage.Reason{usage.NotPermitted, usage.NotFound, usage.InURL}[day%3]
}

// count counts requests by a few machines, most of them searches.
func (w *seeded) count(id string, why usage.Reason, n int, agent string) {
	routes := []string{"/api/as/v1/engines/:engine/search", "/api/as/v1/engines/:engine/search", "/v1/query/:queryKey", "/api/as/v1/engines/:engine/documents", "/api/as/v1/engines/:engine/search"}
	for i := range n {
		r := usage.Request{Key: id, Address: fmt.Sprintf("203.0.113.%d", 20+(len(agent)+i%3)%9), Agent: agent, Method: http.MethodPost, Route: routes[i%len(routes)]}
		if agent == firefox && i%3 == 0 { // browsers get keys that were signed for them
			r.Token = usage.TokenOf(fmt.Sprint(i % 200))
		}
		w.usage.Count(r, why)
	}
}
