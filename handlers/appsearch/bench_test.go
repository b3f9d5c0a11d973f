package appsearch_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"latchkey/db/account"
	"latchkey/db/analytics"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/dbtest"
	"latchkey/db/engine"
	"latchkey/db/usage"
	"latchkey/handlers/appsearch"
	"latchkey/web"
)

// BenchmarkSearch is a search with the public key on an engine of 1000 documents, without the network. What is recorded
// of it is written in the background, as in the program.
func BenchmarkSearch(b *testing.B) {
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	dir := dbtest.Open(b, dbtest.NewClock())
	log, err := audit.NewLog(dir.Core, dir.Master)
	must(err)
	credentials, err := credential.NewStore(ctx, dir.Core, dir.Master, log)
	must(err)
	accounts, err := account.NewStore(dir.Core, dir.Master, log, account.NewHasher(cheap), credentials.Defaults)
	must(err)
	_, _, project, minted, err := accounts.SetUp(ctx, audit.CommandLine(), account.SetUp{Email: "ada@example.com", Password: password, Organization: "Acme", Project: "Shop"})
	must(err)
	engines, counts := engine.NewStore(dir.Core, dir.Engines, log), analytics.NewStore(dir.Core, dir.Engines)
	_, err = engines.Create(ctx, audit.CommandLine(), project.Target(), engine.New{Name: "shop"})
	must(err)
	docs := make([]engine.Source, 1000)
	for i := range docs {
		docs[i] = engine.Source{"id": fmt.Sprint(i), "title": fmt.Sprintf("Lamp %d", i), "color": []string{"red", "blue"}[i%2], "text": strings.Repeat("A lamp that shines. ", 10)}
	}
	_, err = engines.Import(ctx, audit.CommandLine(), project.Target(), "shop", docs)
	must(err)
	running, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { counts.Run(running, slog.New(slog.DiscardHandler)); close(done) }()
	defer func() { stop(); <-done }()
	handler := web.New(web.Config{Logger: slog.New(slog.DiscardHandler)}, appsearch.New(appsearch.Deps{
		Accounts: accounts, Credentials: credentials, Engines: engines, Usage: usage.NewStore(dir.Core), Analytics: counts,
	})).Handler()
	key := ""
	for _, m := range minted {
		if m.Name == "search-key" {
			key = m.Secret.Reveal()
		}
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		r := httptest.NewRequest(http.MethodPost, shop+"/search", strings.NewReader(fmt.Sprintf(`{"query":"lamp %d"}`, n%1000)))
		r.Header.Set("Authorization", "Bearer "+key)
		w := httptest.NewRecorder()
		if handler.ServeHTTP(w, r); w.Code != http.StatusOK {
			b.Fatal(w.Code, w.Body)
		}
	}
}
