package engine_test

import (
	"fmt"
	"sync"
	"testing"

	"latchkey/db/engine"
	"latchkey/db/fault"
)

// Engines come and go while others are written and searched: nobody is told of it but by NotFound.
func TestConcurrentUse(t *testing.T) {
	w := newWorld(t)
	w.shelf()
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			name := fmt.Sprintf("e-%d", n%2)
			for i := range 15 {
				_, err := w.store.Create(ctx(), w.admin, w.place, engine.New{Name: name})
				expect(t, err, fault.Conflict)
				_, err = w.store.Import(ctx(), w.admin, w.place, name, []engine.Source{{"id": fmt.Sprint(i), "t": "lamp"}})
				expect(t, err, fault.NotFound)
				_, err = w.store.UpdateSchema(ctx(), w.admin, w.place, name, engine.Schema{{Name: "n", Type: []engine.Type{engine.TypeDate, engine.TypeNumber}[i%2]}})
				expect(t, err, fault.NotFound)
				_, err = w.store.Search(ctx(), w.admin, w.place, name, engine.Query{Text: "lamp", Size: 10})
				expect(t, err, fault.NotFound)
				expect(t, w.store.Delete(ctx(), w.admin, w.place, name), fault.NotFound)
			}
		})
	}
	all.Go(func() {
		for range 100 {
			if r, err := w.store.Search(ctx(), w.admin, w.place, "shop", engine.Query{Text: "lamp", Size: 10}); err != nil || r.Total != 3 {
				t.Errorf("total %d, %v", r.Total, err)
			}
		}
	})
	all.Wait()
	w.tidy()
	w.wantStored(1)
}

func expect(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if err != nil && !fault.Is(err, kind) {
		t.Error(err)
	}
}
