package db

import (
	"context"
	"path/filepath"
	"testing"
)

// The documents of an older version stay, and analytics begin empty beside them.
func TestAnalyticsAreAddedToAnExistingDatabase(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "engines.db")
	if err := create(path); err != nil {
		t.Fatal(err)
	}
	d, err := Open(ctx, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	p, err := provider(d, Engines)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(ctx, 8); err != nil {
		t.Fatal(err)
	}
	if _, err := d.write.Exec(`
		INSERT INTO engines (number, id, documents) VALUES (1, 'e', 1);
		INSERT INTO documents (number, engine, id, body) VALUES (1, 1, 'd', '{}')`); err != nil {
		t.Fatal(err)
	}
	if err := Migrate(ctx, d, Engines); err != nil {
		t.Fatal(err)
	}
	if _, err := d.write.Exec(`
		INSERT INTO analytics_engines (id) VALUES ('e');
		INSERT INTO analytics_queries (engine, hour, rest, term, tag_set, found, n) VALUES (1, 1, 0, 'lamp', 0, 1, 1)`); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int64{
		"SELECT COUNT(*) FROM documents WHERE id = 'd'":          1,
		"SELECT COUNT(*) FROM analytics_queries":                 1,
		"SELECT COUNT(*) FROM api_logs":                          0,
		"SELECT COUNT(*) FROM pragma_foreign_key_check":          0,
		"SELECT COUNT(*) FROM analytics_clicks WHERE engine = 1": 0,
	} {
		var got int64
		if err := d.read.QueryRow(query).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", query, got, err, want)
		}
	}
}
